// Tiny contracts, as hand-assembled runtime code, for tests of reading.
import { toChecksum } from '../../src/kinds/keccak.ts';
import type { Address, Hex } from '../../src/types.ts';

export function addressOf(number: number): Address {
  return toChecksum(`0x${(0xabc0000000 + number).toString(16).padStart(40, '0')}`);
}

function code(...parts: readonly string[]): Hex {
  return `0x${parts.join('')}`;
}

/** Empty call data adds one to slot 0; every other call returns slot 0, whatever the getter. */
export const counterCode: Hex = code('3615601057', '60005460005260206000f3', '5b60016000540160005500');
/** Returns the call data, zero-padded to whole words. */
export const echoCode: Hex = code('366000600037', '36601f01601f1916', '6000f3');
/** Returns who calls. */
export const callerCode: Hex = code('33', '60005260206000f3');
/** Reverts with `Error("no")`. */
export const reasonCode: Hex = code(`7f${'08c379a0'.padEnd(64, '0')}600052`, '6020600452', '6002602452', '616e6f60f01b604452', '60646000fd');
/** Reverts without a word. */
export const silentCode: Hex = code('60006000fd');
/** Uses up all gas that it is given. */
export const hogCode: Hex = '0xfe';
/** Costs some 130,000 gas, then returns 1. */
export const dearCode: Hex = code('611388', '5b6001900380600357', '600160005260206000f3');
/** Emits logs. Call data, in words: how many; first topic; second topic, less their running number from 1; data. */
export const emitterCode: Hex = code('602060606000', '37', '600035', '5b', '8015602457', '8060403501', '602035', '60206000a2', '60019003', '600a56', '5b00');
