// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Multicall3
/// @notice Many reads in one call: the well-known `aggregate3` and the block getters that go with it, written anew.
/// @dev For chains where the public one isn't deployed. It holds nothing and may do nothing: never send it money.
contract Multicall3 {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    /// @notice A call that may not fail did.
    error CallFailed(uint256 index);

    /// @notice Makes the calls in order.
    /// @dev Reverts CallFailed when a call without `allowFailure` fails.
    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        uint256 count = calls.length;
        results = new Result[](count);
        for (uint256 i; i < count; ++i) {
            (results[i].success, results[i].returnData) = calls[i].target.call(calls[i].callData);
            if (!results[i].success && !calls[i].allowFailure) revert CallFailed(i);
        }
    }

    function getBlockNumber() external view returns (uint256 blockNumber) {
        return block.number;
    }

    function getBlockHash(uint256 blockNumber) external view returns (bytes32 blockHash) {
        return blockhash(blockNumber);
    }

    function getCurrentBlockTimestamp() external view returns (uint256 timestamp) {
        return block.timestamp;
    }

    function getChainId() external view returns (uint256 chainid) {
        return block.chainid;
    }

    function getBasefee() external view returns (uint256 basefee) {
        return block.basefee;
    }

    function getEthBalance(address account) external view returns (uint256 balance) {
        return account.balance;
    }
}
