"""Processor seconds that other programs take for DKIM on one mail, one process each.

dkim_rate.py dkimpy-verify RECORD MAIL COUNT
dkim_rate.py dkimpy-sign KEY MAIL COUNT
dkim_rate.py opendkim CONF MAIL COUNT     (verifies or signs, as the configuration says; its start is taken off)
"""
import resource
import subprocess
import sys
import time


def opendkim(conf, mail, count):
    """OpenDKIM takes a list of files; the same mail once more each time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["/usr/sbin/opendkim", "-x", conf, "-t", ",".join([mail] * count)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit("OpenDKIM ended with %d" % done.returncode)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def repeat(work, count):
    started = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - started) / count


task, secret, name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if task == "opendkim":
    once = opendkim(secret, name, 1)
    print((opendkim(secret, name, count) - once) / (count - 1))
else:
    import dkim
    with open(name, "rb") as file:
        mail = file.read()
    if task == "dkimpy-verify":
        record = secret.encode()
        assert dkim.verify(mail, dnsfunc=lambda n, timeout=5: record)
        print(repeat(lambda: dkim.verify(mail, dnsfunc=lambda n, timeout=5: record), count))
    else:
        with open(secret, "rb") as file:
            key = file.read()
        print(repeat(lambda: dkim.sign(mail, b"s1", b"acme.example", key, canonicalize=(b"relaxed", b"relaxed")), count))
