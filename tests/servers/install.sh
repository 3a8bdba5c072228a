#!/usr/bin/env bash
# Installs what the tests need from Debian and cannot get from PyPI: Dovecot (a real POP3 server), Chromium (a real browser),
# GMime (another reader of mail), uudecode and tnef (small programs that read what stands inside attachments), valgrind (counts
# instructions). With the argument `bench` it is Dovecot, and the programs that `make bench` compares with.
# Does nothing when they are there. Where it cannot install (not root, not Debian, no network) it says so and ends well: the tests
# that need them are then skipped, and on CI a skipped test is a failure.
set -euo pipefail
what=${1:-test}

has() {
  for candidate in "$@"; do
    if command -v "$candidate" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

packages=()
has dovecot /usr/sbin/dovecot || packages+=(dovecot-pop3d dovecot-imapd)
if [ ${#packages[@]} -eq 0 ]; then
  has /usr/lib/dovecot/pop3 /usr/libexec/dovecot/pop3 || packages+=(dovecot-pop3d)
  has /usr/lib/dovecot/imap /usr/libexec/dovecot/imap || packages+=(dovecot-imapd)
fi
if [ "$what" = bench ]; then
  has mpop || packages+=(mpop)
  has curl || packages+=(curl)
  has g++ clang++ || packages+=(g++)
  has javac || packages+=(default-jdk-headless)
  [ -e /usr/share/java/javax.mail.jar ] || packages+=(libmail-java)
else
  has chromium chromium-browser google-chrome || packages+=(chromium)
  compgen -G '/usr/lib*/libgmime-3.0.so.0' >/dev/null || compgen -G '/usr/lib*/*/libgmime-3.0.so.0' >/dev/null || packages+=(libgmime-3.0-0)
  has uuencode || packages+=(sharutils)
  has tnef || packages+=(tnef)
  has valgrind || packages+=(valgrind)
fi
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! has apt-get; then
  echo "make $what: ${packages[*]} missing, and this is not root on Debian; what needs them is skipped"
  exit 0
fi

# Packages of servers start their service when they are installed. This file is Debian's way to say no (101: forbidden by policy).
policy=/usr/sbin/policy-rc.d
saved=$(mktemp -d)
restore() {
  rm -f "$policy"
  if [ -e "$saved/policy-rc.d" ] || [ -L "$saved/policy-rc.d" ]; then mv "$saved/policy-rc.d" "$policy"; fi
  rm -rf "$saved"
}
trap restore EXIT
if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$saved/policy-rc.d"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

log="$saved/apt.log"
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}" </dev/null >>"$log" 2>&1
}
echo "make $what: installing ${packages[*]}"
# The package lists may be missing or old: one more try with new ones.
if ! install && ! { apt-get update -q >>"$log" 2>&1 && install; }; then
  tail -n 20 "$log"
  echo "make $what: ${packages[*]} could not be installed; what needs them is skipped"
fi
