// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";

/// @title AGIALPHAToken
/// @notice The token of stakes, fees and rewards: 18 decimals, a fixed supply, burnable by its holders.
contract AGIALPHAToken is ERC20, ERC20Burnable {
    /// @param holder Gets the whole supply of one thousand million tokens.
    constructor(address holder) ERC20("AGI ALPHA", "AGIALPHA") {
        _mint(holder, 1_000_000_000 ether);
    }
}
