// The floor: the least that any program must do for a plan of nothing. Parses the same YAML, reads every field with one
// hash-pinned Multicall3 call (a chunk of 2,500 where there are more), decodes and compares. Checks nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parse } from 'yaml';
import { id } from '../src/kinds/keccak.ts';

const [folder = '', url = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const multicall = '0xcA11bde05977b3631167028862bE2a173976CA11';
const word = (value: number | bigint): string => value.toString(16).padStart(64, '0');

function rpc(method: string, params: unknown[]): Promise<string & { hash: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).result));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

type Read = { target: string; selector: string; declared: bigint };

/** aggregate3((address,bool,bytes)[]) for getters without arguments. */
function encode(reads: readonly Read[]): string {
  const offsets = reads.map((_, index) => word(reads.length * 32 + index * 160)).join('');
  const calls = reads.map((read) => `${read.target.slice(2).padStart(64, '0')}${word(1)}${word(96)}${word(4)}${read.selector.padEnd(64, '0')}`).join('');
  return `0x82ad56cb${word(32)}${word(reads.length)}${offsets}${calls}`;
}

const reads: Read[] = [];
for (const file of readdirSync(folder)) {
  const contract = parse(readFileSync(join(folder, file), 'utf8'), { intAsBigInt: true });
  for (const [name, value] of Object.entries(contract.spec as Record<string, bigint | string>)) {
    if (typeof value === 'bigint') reads.push({ target: contract.address, selector: id(`${name}()`).slice(2, 10), declared: value });
  }
}
const block = await rpc('eth_getBlockByNumber', ['latest', false]);
let differences = 0;
for (let start = 0; start < reads.length; start += 2_500) {
  const chunk = reads.slice(start, start + 2_500);
  const answer = await rpc('eth_call', [{ to: multicall, data: encode(chunk) }, { blockHash: block.hash }]);
  // Each result: offset, success, offset of bytes, length, value.
  const at = 2 + 128 + chunk.length * 64;
  chunk.forEach((read, index) => {
    const value = answer.slice(at + index * 256 + 192, at + index * 256 + 256);
    if (BigInt(`0x${value}`) !== read.declared) differences += 1;
  });
}
console.log(`${reads.length} fields read, ${differences} differ`);
agent.destroy();
