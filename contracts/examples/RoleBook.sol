// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

/// @title RoleBook
/// @notice A contract whose powers are OpenZeppelin roles: what the AccessControl kind manages.
contract RoleBook is AccessControl {
    /// @notice May write entries.
    bytes32 public constant WRITER_ROLE = keccak256("WRITER_ROLE");
    /// @notice May strike entries out. Administered by DEFAULT_ADMIN_ROLE, as every role here.
    bytes32 public constant EDITOR_ROLE = keccak256("EDITOR_ROLE");

    /// @notice Entries written so far.
    uint256 public entryCount;

    event EntryWritten(uint256 indexed entry, address indexed writer, string text);
    event EntryStruck(uint256 indexed entry, address indexed editor);

    constructor(address admin) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Writes an entry. WRITER_ROLE only, else AccessControlUnauthorizedAccount.
    function write(string calldata text) external onlyRole(WRITER_ROLE) returns (uint256 entry) {
        entry = ++entryCount;
        emit EntryWritten(entry, msg.sender, text);
    }

    /// @notice Strikes an entry out. EDITOR_ROLE only, else AccessControlUnauthorizedAccount.
    function strike(uint256 entry) external onlyRole(EDITOR_ROLE) {
        emit EntryStruck(entry, msg.sender);
    }
}
