"""Fetches a whole INBOX in batches with Python's imaplib, round by round: prints seconds and bytes of each round, one line each."""
import imaplib
import ssl
import sys
import time

host, port, mode, user, password, roots, batch, rounds = sys.argv[1:9]
context = ssl.create_default_context(cafile=roots)
for _ in range(int(rounds)):
    imap = imaplib.IMAP4_SSL(host, int(port), ssl_context=context) if mode == "tls" else imaplib.IMAP4(host, int(port))
    imap.login(user, password)
    imap.select("INBOX", readonly=True)
    uids = [int(uid) for uid in imap.uid("SEARCH", "ALL")[1][0].split()]
    started, total, mails = time.perf_counter(), 0, 0
    for i in range(0, len(uids), int(batch)):
        part = uids[i:i + int(batch)]
        answer = imap.uid("FETCH", "%d:%d" % (part[0], part[-1]), "(UID INTERNALDATE BODY.PEEK[])")[1]
        for item in answer:
            if isinstance(item, tuple):
                total += len(item[1])
                mails += 1
    print(time.perf_counter() - started, mails, total, flush=True)
    imap.logout()
