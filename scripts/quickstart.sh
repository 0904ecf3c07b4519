#!/bin/sh
# The same as "npm run quickstart", for an npm that gives root's rights away.
set -eu
cd "$(dirname "$0")/.."
node scripts/bootstrap.mjs --node
exec node_modules/.bin/node --disable-warning=ExperimentalWarning scripts/quickstart.ts
