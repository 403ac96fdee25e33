// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {FORWARD, LOAD} from './ProofOrders.sol';

/// @title ProofRunner
/// @notice Runs the steps of a plan in order and then reads many values, all in one `eth_call`. It is never deployed:
/// its code is put at a spare address by state override, and {ProofForwarder}'s at each sender's address.
/// @dev Gas is what decides whether an answer can be trusted: a call that fails with less gas than its full allowance
/// may have failed for that alone, so it is reported as starved (steps) or left for a further call (reads).
contract ProofRunner {
    struct Step {
        address from;
        address to;
        uint256 value;
        bytes data;
    }

    struct Outcome {
        bool ok;
        /// Failed with less gas than a step is allowed: says nothing about the step.
        bool starved;
        /// Gas used, without what a transaction costs before its first instruction.
        uint256 gas;
        bytes data;
    }

    /// What one step and one reading may use. The same allowance holds for every way of proving.
    uint256 private constant STEP_GAS = 5_000_000;
    uint256 private constant READ_GAS = 3_000_000;
    /// Kept back for storing and returning results.
    uint256 private constant RESERVE = 200_000;
    /// Longest answer of one reading; a longer one counts as failed.
    uint256 private constant LONGEST = 1_000_000;
    /// @notice Sends each step from its sender, whether or not those before it succeeded, then reads. Returns, without
    /// ABI wrapping: 32 bytes of length, the ABI-encoded outcomes, then the answers as {read} packs them.
    /// @param reads Packed: 20 bytes of address, 2 bytes of length, call data; again and again.
    function run(Step[] calldata steps, bytes calldata reads) external {
        Outcome[] memory outcomes = new Outcome[](steps.length);
        for (uint256 i = 0; i < steps.length; i++) {
            outcomes[i] = _send(steps[i]);
        }
        bytes memory encoded = abi.encode(outcomes);
        uint256 end = _read(reads);
        assembly ("memory-safe") {
            return(encoded, sub(end, encoded))
        }
    }

    /// @notice What each step uses when it comes first: nothing that it touches is warm yet.
    /// @return used One for each step that there was gas for; 0 where the step fails on its own
    function alone(Step[] calldata steps) external returns (uint256[] memory used) {
        used = new uint256[](steps.length);
        uint256 done = 0;
        for (; done < steps.length; done++) {
            (, bytes memory answer) = address(this).call(abi.encodeCall(this.attempt, (steps[done])));
            if (answer.length != 96) break;
            (bool ok, bool starved, uint256 gas) = abi.decode(answer, (bool, bool, uint256));
            if (starved) break;
            used[done] = ok ? gas : 0;
        }
        assembly ("memory-safe") {
            mstore(used, done)
        }
    }

    /// @notice Sends a step and takes everything back, what it warmed up included. Always reverts, with its outcome.
    function attempt(Step calldata step) external {
        Outcome memory outcome = _send(step);
        bytes memory answer = abi.encode(outcome.ok, outcome.starved, outcome.gas);
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @notice Reads as much as there is gas for. Returns, without ABI wrapping, for each reading that was made: 1 byte
    /// success, 3 bytes length, data.
    function read(bytes calldata reads) external view {
        uint256 start;
        assembly ("memory-safe") {
            start := mload(0x40)
        }
        uint256 end = _read(reads);
        assembly ("memory-safe") {
            return(start, sub(end, start))
        }
    }

    /// @notice A word of the storage of an address that holds a forwarder.
    function load(address account, bytes32 slot) external view returns (bytes32 word) {
        (bool ok, bytes memory answer) = account.staticcall(abi.encode(LOAD, slot));
        require(ok && answer.length == 32);
        return bytes32(answer);
    }

    /// @notice Hash of the code at an address.
    function codeHash(address account) external view returns (bytes32) {
        return account.codehash;
    }

    function _send(Step calldata step) private returns (Outcome memory outcome) {
        bytes memory order = bytes.concat(bytes32(FORWARD), bytes32(uint256(uint160(step.to))), bytes32(step.value), step.data);
        uint256 allowance = gasleft() < RESERVE ? 0 : gasleft() - RESERVE;
        allowance -= allowance / 64;
        bool short = allowance < STEP_GAS;
        uint256 before = gasleft();
        (outcome.ok, outcome.data) = step.from.call{gas: short ? allowance : STEP_GAS}(order);
        outcome.gas = before - gasleft();
        outcome.starved = short && !outcome.ok;
    }

    /// @dev Packs answers at the free memory pointer and doesn't copy them again: what is left at the end is enough to
    /// return any number of them.
    function _read(bytes calldata reads) private view returns (uint256 out) {
        assembly {
            let next := reads.offset
            let end := add(next, reads.length)
            out := mload(0x40)
            for {} lt(next, end) {} {
                if lt(gas(), mul(2, RESERVE)) { break }
                let size := shr(240, calldataload(add(next, 20)))
                calldatacopy(out, add(next, 22), size)
                let allowance := sub(gas(), RESERVE)
                allowance := sub(allowance, div(allowance, 64))
                let starved := lt(allowance, READ_GAS)
                if iszero(starved) { allowance := READ_GAS }
                let ok := staticcall(allowance, shr(96, calldataload(next)), out, size, 0, 0)
                if and(iszero(ok), starved) { break }
                next := add(add(next, 22), size)
                size := returndatasize()
                if gt(size, LONGEST) {
                    ok := 0
                    size := 0
                }
                mstore(out, or(shl(248, ok), shl(224, size)))
                returndatacopy(add(out, 4), 0, size)
                out := add(out, add(4, size))
            }
        }
    }
}
