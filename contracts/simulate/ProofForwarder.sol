// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {COPY, FORWARD, LOAD, RUNNER} from './ProofOrders.sol';

/// @title ProofForwarder
/// @notice Stands at a sender's address by state override and calls what {ProofRunner} orders, so that the called
/// contract sees the true sender. Everything else goes to the code that was there before, of which a copy lies at a
/// spare address; an account without code takes ether and answers nothing, as before. Never deployed.
contract ProofForwarder {
    fallback() external payable {
        assembly {
            if and(eq(caller(), RUNNER), gt(calldatasize(), 63)) {
                let order := calldataload(0)
                if eq(order, FORWARD) {
                    let size := sub(calldatasize(), 96)
                    calldatacopy(0, 96, size)
                    let ok := call(gas(), calldataload(32), calldataload(64), 0, size, 0, 0)
                    returndatacopy(0, 0, returndatasize())
                    if ok { return(0, returndatasize()) }
                    revert(0, returndatasize())
                }
                if eq(order, LOAD) {
                    mstore(0, sload(calldataload(32)))
                    return(0, 32)
                }
            }
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), xor(address(), COPY), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if ok { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
