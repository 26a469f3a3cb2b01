"""The files of the page: those of others are as their makers published them, and nothing asks another machine."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agentsql.serving.web.page import ASSETS

VENDOR = ASSETS / "vendor"
ROOT = Path(__file__).parents[3]
PACKAGES = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
LISTED = {one["file"]: one["sha256"] for package in PACKAGES for one in package["files"]}
OWN = sorted(path for path in ASSETS.iterdir() if path.is_file())


def test_every_file_of_others_is_listed_with_its_hash():
    there = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del there["manifest.json"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()} == LISTED


@pytest.mark.parametrize("package", PACKAGES, ids=[one["package"] for one in PACKAGES])
def test_a_package_names_version_source_and_licence(package):
    assert package["licence"] in {"Apache-2.0", "BSD-3-Clause", "ISC", "MIT"}
    assert any("LICENSE" in one["file"] for one in package["files"])
    assert package["version"] in package["source"]
    assert urlsplit(package["source"]).hostname == "registry.npmjs.org"


def test_what_is_bundled_is_pinned_by_hash_and_may_be_given_on():
    (editor,) = (package for package in PACKAGES if "bundled" in package)
    lock = json.loads((ROOT / editor["bundled"]).read_text(encoding="utf-8"))
    inside = {
        path.removeprefix("node_modules/"): one
        for path, one in lock["packages"].items()
        if path and not one.get("dev") and not one.get("optional")
    }
    assert inside[editor["package"]]["version"] == editor["version"]
    assert {one["license"] for one in inside.values()} == {"MIT"}
    assert all(one["integrity"].startswith("sha512-") for one in inside.values())
    licences = (VENDOR / "codemirror" / "LICENSE").read_text(encoding="utf-8")
    assert set(inside) <= set(licences.splitlines())


def test_the_files_of_others_stay_small():
    sizes = [path.stat().st_size for path in VENDOR.rglob("*") if path.is_file()]
    assert max(sizes) < 1_500_000
    assert sum(sizes) < 2_000_000


@pytest.mark.parametrize("path", OWN, ids=[path.name for path in OWN])
def test_own_files_write_no_html_and_name_no_other_server(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert set(re.findall(r"https?://[\w.-]+", text)) <= {"http://www.w3.org"}


def test_the_page_may_load_nothing_from_elsewhere(client):
    page = client().get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    rules = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.findall(r"<(?:script|style)(?![^>]*(?:src|href)=)[^>]*>|\son\w+=|\sstyle=", page.text)


def test_what_the_page_loads_is_there(client):
    http = client()
    named = re.findall(r'(?:src|href)="(web/[^"]+)"', http.get("/").text)
    assert {name: http.get(f"/{name}").status_code for name in named} == dict.fromkeys(named, 200)
    assert http.get("/web/app.js").headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["page.py", "../page.py", "%2e%2e/page.py", "vendor", ""])
def test_nothing_but_its_files_is_given_away(client, path):
    found = client().get(f"/web/{path}")
    assert found.status_code == 404
    assert found.json()["error"]["code"] == "not_found"
