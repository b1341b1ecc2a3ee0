#!/bin/bash
# One throw-away Dovecot + Postfix pair in one folder, listening on 127.0.0.1 only. MailServerPair drives it:
#   mail-servers.sh dovecot DIR   writes Dovecot's settings and becomes Dovecot (in the foreground, until SIGTERM)
#   mail-servers.sh postfix DIR   the same for Postfix, whose master must be root
# DIR holds tls/cert.pem and tls/key.pem, users (user:{PLAIN}password, read again when it changes) and keys/ for JWTs.
# Ports come as IMAP IMAPS LMTP SASL SMTP SUBMISSION SMTPS in the environment.
# No mail leaves the machine: example.test goes to Dovecot by LMTP, everything else is taken and thrown away.
set -eu
role=$1 D=$2

write_dovecot() {
    local user=$1 group uid gid
    group=$(id -gn "$user") uid=$(id -u "$user") gid=$(id -g "$user")
    cat >"$D/oauth2.conf" <<EOF
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$D/keys/
username_attribute = email
username_format = %Lu
issuers = http://issuer.test/
tls_ca_cert_file = $D/tls/cert.pem
EOF
    cat >"$D/dovecot.conf" <<EOF
base_dir = $D/run
state_dir = $D/state
log_path = $D/log/dovecot.log
auth_verbose = yes
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
first_valid_uid = 1
ssl = yes
ssl_cert = <$D/tls/cert.pem
ssl_key = <$D/tls/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0 secs
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 200
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
  mailbox Archive {
    auto = create
    special_use = \\Archive
  }
  mailbox Junk {
    auto = create
    special_use = \\Junk
  }
  mailbox Trash {
    auto = create
    special_use = \\Trash
  }
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%Lu $D/users
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $D/oauth2.conf
}
userdb {
  driver = static
  args = uid=$uid gid=$gid home=$D/mail/%Lu allow_all_users=yes
}
service anvil {
  chroot =
  # Without it every login after a failure waits longer and longer.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = $IMAP
  }
  inet_listener imaps {
    port = $IMAPS
    ssl = yes
  }
}
service imap {
  client_limit = 1
  process_limit = 256
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $LMTP
  }
  unix_listener lmtp {
    mode = 0600
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = $SASL
  }
}
service auth-worker {
  user = \$default_internal_user
}
EOF
    [ ! -f "$D/dovecot.more" ] || cat "$D/dovecot.more" >>"$D/dovecot.conf"
}

write_postfix() {
    local conf=$1
    cat >"$conf/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $D/postfix/spool
data_directory = $D/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
syslog_name = postfix-$SMTP
maillog_file_prefixes = $D/log
maillog_file = $D/log/postfix.log
myhostname = mx.example.test
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
virtual_mailbox_domains = example.test
virtual_mailbox_maps =
virtual_transport = lmtp:inet:127.0.0.1:$LMTP
default_transport = discard:
relay_transport = discard:
disable_dns_lookups = yes
smtp_host_lookup = native
lmtp_host_lookup = native
message_size_limit = 52428800
mailbox_size_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$SASL
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = $D/tls/cert.pem
smtpd_tls_key_file = $D/tls/key.pem
smtpd_tls_security_level = may
smtpd_tls_protocols = >=TLSv1.2
smtpd_peername_lookup = no
smtputf8_enable = yes
lmtp_destination_concurrency_limit = 10
in_flow_delay = 0
EOF
    if [ -s "$D/main.cf.more" ]; then
        # Of a setting made twice every process warns as it starts, the one that writes the log included: it then waits for itself, and the others for it.
        awk -F ' *= *' 'NR == FNR { more[$1]; next } !($1 in more)' "$D/main.cf.more" "$conf/main.cf" >"$conf/main.cf.less"
        cat "$conf/main.cf.less" "$D/main.cf.more" >"$conf/main.cf"
        rm "$conf/main.cf.less"
    fi
    cat >"$conf/master.cf" <<EOF
127.0.0.1:$SMTP inet n - n - - smtpd
127.0.0.1:$SUBMISSION inet n - n - - smtpd
  -o syslog_name=postfix-$SMTP/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:$SMTPS inet n - n - - smtpd
  -o syslog_name=postfix-$SMTP/smtps
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
showq     unix n - n - - showq
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
EOF
}

mkdir -p "$D"/{run,state,log,mail}
case "$role" in
dovecot)
    if [ "$(id -u)" = 0 ]; then
        write_dovecot nobody
        chown -R nobody: "$D"/{run,state,log,tls,mail,keys,users,oauth2.conf}
        exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups /usr/sbin/dovecot -F -c "$D/dovecot.conf"
    fi
    write_dovecot "$(id -un)"
    exec /usr/sbin/dovecot -F -c "$D/dovecot.conf"
    ;;
postfix)
    conf="$D/postfix/conf"
    mkdir -p "$D"/postfix/{conf,spool,data}
    write_postfix "$conf"
    chown postfix "$D/postfix/data"
    # "postfix check" would do this; its master does not.
    postfix -c "$conf" check
    exec /usr/lib/postfix/sbin/master -s -c "$conf"
    ;;
*)
    echo "mail-servers.sh: no such role" >&2
    exit 2
    ;;
esac
