#!/usr/bin/env bash
# Installs the Debian packages that Martlet is built with and calls, those that are missing only.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  # libraries that Martlet links
  libsqlite3-dev libcurl4-openssl-dev libarchive-dev libxml2-dev libcmark-gfm-dev libcmark-gfm-extensions-dev
  libedit-dev libssl-dev libmicrohttpd-dev libre2-dev libpq-dev libyaml-dev libuchardet-dev libgmime-3.0-dev
  # headers that test every kernel on every machine
  libsimde-dev
  # finds the libraries for the build
  pkg-config
  # programs: pdftotext reads PDFs, with data for those in Chinese, Japanese and Korean; qpdf makes damaged ones for
  # the tests
  poppler-utils poppler-data qpdf
  # bubblewrap, prlimit and setpriv contain programs that models wrote, which the system's Python runs
  bubblewrap util-linux python3
)
command -v pip >/dev/null || command -v pip3 >/dev/null || packages+=(python3-pip)
# environments for the clients and servers that the tests compare with
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)

if ! command -v swift >/dev/null; then
  echo "setup: no Swift found. Install the toolchain, 6.3 or later, from https://www.swift.org/install/linux/" >&2
  exit 69
fi

if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is not Debian. Install what these packages hold, in whatever way your system does:" >&2
  echo "  ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: these packages are missing; let an administrator run:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 69
  fi
  # Asks for the password here, where it can be seen.
  sudo -v
  root=(sudo)
fi

# A fresh system has no lists of packages, and those of an old one name files that are gone: they are fetched first.
# Where that fails, as without a network, what is there already may still be enough.
install='
  apt-get --quiet --option Acquire::Retries=2 update ||
    echo "The lists of packages could not be fetched; trying with those that are there."
  DEBIAN_FRONTEND=noninteractive apt-get --quiet --option Dpkg::Use-Pty=0 \
    install --yes --no-install-recommends "$@"'

echo "Debian packages that are missing:"
fold -s -w 76 <<<"${missing[*]}" | sed 's/^/  /'
Scripts/quietly.sh build/setup.log "Installing them with apt-get" \
  "${root[@]}" bash -c "$install" setup "${missing[@]}" || {
  echo "To see all of it, run: ${root[*]} apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 69
}
