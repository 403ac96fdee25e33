// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// What the runner and its forwarders must agree on; src/simulate/proof-code.ts has the same addresses.

/// @dev Where {ProofRunner}'s code lies: the last 20 bytes of keccak256("mooring.proof.runner").
uint256 constant RUNNER = 0x0000000000000000000000007ce18be55f88c2c6e4e9e14983cf70eed7f41039;

/// @dev Exclusive or of a sender's address and where the copy of its own code lies: from keccak256("mooring.proof.copy").
uint256 constant COPY = 0x000000000000000000000000f9fa902c63adea951d110dc16ddeb080fa054bd1;

/// @dev First word of an order to call: keccak256("mooring.proof.forward"). Then target, value, call data.
uint256 constant FORWARD = 0xa7421c7561c755538ec14e05831ffbca432ed32929b0be3b061088755dca0cec;

/// @dev First word of an order to load storage: keccak256("mooring.proof.load"). Then the slot.
uint256 constant LOAD = 0xa14340277f4dc45e75407c1d54fc32c6d6030dad19e98e0966d4c024fcb71459;
