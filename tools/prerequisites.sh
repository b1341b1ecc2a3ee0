# What the scripts beside this file need on the machine. Sourced by them; prints only when something is missing.

# Runs apt-get when it can; a machine without it, or without root, gets the command to run instead.
install_packages() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $* (apt-get) ..." >&2
        if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } </dev/null >/dev/null 2>&1; then
            return 0
        fi
        echo "apt-get could not install $*." >&2
    fi
    echo "Install it with: sudo apt-get install $*" >&2
    return 1
}

require_dotnet() {
    if ! command -v dotnet >/dev/null; then
        echo "The .NET SDK 10 is not on the PATH." >&2
        install_packages dotnet-sdk-10.0 || { echo "See https://dotnet.microsoft.com/download/dotnet/10.0 for other ways." >&2; return 1; }
    fi
    local version
    if ! version=$(cd "$repo" && dotnet --version 2>/dev/null </dev/null) || [ "${version%%.*}" != 10 ]; then
        echo "This needs the .NET SDK 10 (global.json); dotnet --version says: ${version:-no fitting SDK}." >&2
        echo "Install it with: sudo apt-get install dotnet-sdk-10.0" >&2
        return 1
    fi
}

# Without ICU a .NET process either refuses to start or cannot normalise Unicode. The package's name carries ICU's version.
require_icu() {
    local found
    for found in /usr/lib/libicuuc.so.* /usr/lib/*/libicuuc.so.* /usr/lib64/libicuuc.so.* /usr/local/lib/libicuuc.so.*; do
        [ -e "$found" ] && return 0
    done
    echo "The ICU libraries are missing." >&2
    local name
    name=$(apt-cache search --names-only '^libicu[0-9]+$' 2>/dev/null | cut -d' ' -f1 | sort -V | tail -n 1) || true
    install_packages "${name:-libicu72}"
}

# The servers that stand in for Azure Storage and Google are npm packages, locked in tools/emulators.
require_emulators() {
    local folder="$repo/tools/emulators"
    [ -f "$folder/package-lock.json" ] || return 0
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return 0
    command -v npm >/dev/null || install_packages nodejs npm || return 1
    echo "Installing tools/emulators (npm ci) ..." >&2
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2) && touch "$folder/node_modules/.package-lock.json"
}

# Packages whose services are neither started nor configured: what is needed of them runs from a folder of its own.
install_without_services() {
    local policy=/usr/sbin/policy-rc.d ours= code=0
    if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' >"$policy" 2>/dev/null; then
        chmod +x "$policy"
        ours=1
    fi
    install_packages "$@" || code=$?
    [ -z "$ours" ] || rm -f "$policy"
    return "$code"
}

# Throw-away mail servers for the tests and the demonstration. Nothing under /etc is used but Postfix's list of its files.
require_mail_servers() {
    [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && [ -x /usr/lib/dovecot/lmtp ] && { [ "$(id -u)" != 0 ] || [ -x /usr/sbin/postfix ]; } && return 0
    command -v debconf-set-selections >/dev/null && echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections 2>/dev/null
    install_without_services dovecot-core dovecot-imapd dovecot-lmtpd postfix
}

# A DNS server that the tests ask, and the programs of others that check what we sign and sign what we check. Without them these tests are skipped and say so.
require_checkers() {
    [ -x /usr/sbin/nsd ] && [ -x /usr/sbin/opendkim ] && /usr/bin/python3 -c 'import dkim' 2>/dev/null || install_without_services nsd opendkim python3-dkim
}

# The browser of the browser tests. Without it they are skipped and say so.
require_browser() {
    [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ] || [ -x /usr/bin/google-chrome ] || install_packages chromium fonts-dejavu-core
}
