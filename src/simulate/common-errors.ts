// Custom errors of OpenZeppelin's contracts, for reverts that no kind names. Data only.
import { parseError } from '../kinds/abi.ts';
import type { AbiError } from '../kinds/kind.ts';

const texts = [
  'error OwnableUnauthorizedAccount(address account)',
  'error OwnableInvalidOwner(address owner)',
  'error EnforcedPause()',
  'error ExpectedPause()',
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
  'error AccessControlBadConfirmation()',
  'error AccessControlEnforcedDefaultAdminDelay(uint48 schedule)',
  'error AccessControlEnforcedDefaultAdminRules()',
  'error AccessControlInvalidDefaultAdmin(address defaultAdmin)',
  'error AccessManagedUnauthorized(address caller)',
  'error AccessManagedRequiredDelay(address caller, uint32 delay)',
  'error InvalidInitialization()',
  'error NotInitializing()',
  'error ReentrancyGuardReentrantCall()',
  'error AddressEmptyCode(address target)',
  'error AddressInsufficientBalance(address account)',
  'error FailedCall()',
  'error FailedInnerCall()',
  'error InsufficientBalance(uint256 balance, uint256 needed)',
  'error SafeERC20FailedOperation(address token)',
  'error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)',
  'error SafeCastOverflowedIntDowncast(uint8 bits, int256 value)',
  'error StringsInsufficientHexLength(uint256 value, uint256 length)',
  'error ERC1967InvalidImplementation(address implementation)',
  'error ERC1967NonPayable()',
  'error UUPSUnauthorizedCallContext()',
  'error UUPSUnsupportedProxiableUUID(bytes32 slot)',
  'error ProxyDeniedAdminAccess()',
  'error TimelockUnauthorizedCaller(address caller)',
  'error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)',
  'error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)',
] as const;

let parsed: readonly AbiError[] | undefined;

/** Parsed at the first revert: most plans need none. */
export function commonErrors(): readonly AbiError[] {
  parsed ??= texts.map(parseError);
  return parsed;
}
