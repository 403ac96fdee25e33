// What a promise was refused with, for assertions on codes.
import { MooringError } from '../../src/errors.ts';

/** Fails the test where it was not refused, or not on purpose. */
export async function errorOf(promise: Promise<unknown>): Promise<MooringError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MooringError) return error;
  throw new Error(`not a MooringError: ${String(error)}`);
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await errorOf(promise)).code;
}
