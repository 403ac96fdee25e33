// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IIdentityRegistry} from "../interfaces/IModules.sol";

/// @title IdentityRegistry
/// @notice Says who may take part in rounds: everyone while it is open, else who is on the list.
/// @dev Subdomains and proofs are accepted for the sake of the signature and not looked at.
contract IdentityRegistry is Ownable, IIdentityRegistry {
    /// @notice True: anyone may take part.
    bool public open = true;
    /// @notice Who may take part while it isn't open.
    mapping(address account => bool) public allowed;

    event OpenUpdated(bool open);
    event AllowedUpdated(address indexed account, bool allowed);

    constructor(address owner_) Ownable(owner_) {}

    /// @notice Opens or closes the registry. Owner only.
    /// @dev Emits OpenUpdated, also for the same value.
    function setOpen(bool open_) external onlyOwner {
        open = open_;
        emit OpenUpdated(open_);
    }

    /// @notice Puts an account on the list or takes it off. Owner only.
    /// @dev Emits AllowedUpdated, also for the same value.
    function setAllowed(address account, bool allowed_) external onlyOwner {
        allowed[account] = allowed_;
        emit AllowedUpdated(account, allowed_);
    }

    /// @inheritdoc IIdentityRegistry
    function isAuthorizedAgent(address account, string calldata, bytes32[] calldata) external view returns (bool) {
        return open || allowed[account];
    }

    /// @inheritdoc IIdentityRegistry
    function isAuthorizedValidator(address account, string calldata, bytes32[] calldata) external view returns (bool) {
        return open || allowed[account];
    }
}
