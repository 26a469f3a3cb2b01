"""What is told about a question while it is answered and afterwards: telemetry, logs, kept traces, the audit log."""
