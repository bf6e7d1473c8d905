#!/usr/bin/env bash
# Fetches FAISS (headers and static library) from Debian's or Ubuntu's package libfaiss-dev into
# native/target/faiss, where the build looks for it. Needs no root and installs nothing; run again
# after `mvn clean`. BLAS is not fetched: the build links FAISS to the OpenBLAS it uses anyway.
set -euo pipefail
target="$(cd "$(dirname "$0")" && pwd)/target/faiss"
package=libfaiss-dev

if [ -f "$target/usr/include/faiss/Index.h" ]; then
  echo "FAISS is in native/target/faiss already"
  exit 0
fi
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not there: this script is for Debian and Ubuntu" >&2
    exit 1
  }
done

mkdir -p "$target"
work="$(mktemp -d "$target/fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
# Downloading into a folder of one's own needs no other user to do it.
apt=(apt-get -q -o APT::Sandbox::User=)

cd "$work"
if ! "${apt[@]}" download "$package" 2>"$work/first.log"; then
  # No package lists, or old ones that name a file which is gone: fresh ones, in a folder of ours.
  apt+=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Debug::NoLocking=true)
  if ! "${apt[@]}" update >"$work/update.log" 2>&1 || ! "${apt[@]}" download "$package"; then
    cat "$work/first.log" "$work/update.log" >&2
    echo "$package could not be fetched" >&2
    exit 1
  fi
fi
dpkg-deb -x "$package"_*.deb "$work/unpacked"
rm -rf "$target/usr"
mv "$work/unpacked/usr" "$target/usr"
echo "FAISS $(basename "$package"_*.deb .deb | cut -d_ -f2) is in native/target/faiss"
