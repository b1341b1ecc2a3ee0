// Verifies the files named with mailauth, an implementation that shares nothing with ours. One JSON line per file.
//   node dkim-verify.mjs <tools/emulators> <dns.json> <file> ...      dns.json: { "name": "TXT record" }
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, dns, ...files] = process.argv.slice(2);
const { dkimVerify } = createRequire(folder + '/')('mailauth/lib/dkim/verify');
const records = JSON.parse(readFileSync(dns, 'utf8'));

const resolver = async (name, type) => {
  const record = type === 'TXT' && records[name.toLowerCase()];
  // A TXT record comes in strings of at most 255 characters.
  if (record) return [record.match(/.{1,255}/g)];
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};

for (const file of files) {
  const { results } = await dkimVerify(readFileSync(file), { resolver });
  console.log(JSON.stringify(results.map((r) => ({
    domain: r.signingDomain, selector: r.selector, result: r.status.result, aligned: r.status.aligned || '', comment: r.status.comment || '',
    algorithm: r.algo, format: r.format, bodyHash: r.bodyHash,
  }))));
}
