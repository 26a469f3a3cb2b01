#!/bin/sh
# Write the page's SQL editor, CodeMirror, as one file, with the licences of what is in it. Needs npm; the lock file
# names every package by its hash, so the file comes out the same, byte for byte.
# For newer versions: change package.json, run `npm install --package-lock-only` here, then this, then write the
# version and the hashes that it prints into manifest.json.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$here/../../agentsql/serving/web/assets/vendor/codemirror
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/codemirror.js" "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --loglevel error
mkdir -p "$to"
node_modules/.bin/esbuild codemirror.js --bundle --minify --format=esm --target=es2022 --legal-comments=none \
    --outfile="$to/codemirror.js"
npm ls --all --omit=dev --parseable | sed 1d | sed "s|^.*/node_modules/||" | sort | while read -r package; do
    printf '%s\n\n' "$package"
    cat "node_modules/$package/LICENSE"
    echo
done > "$to/LICENSE"
cd "$to" && sha256sum codemirror.js LICENSE
