// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// The smallest contract on which an apply can go wrong in every way: numbered values that an owner sets. It counts
/// its writes, so that a transaction sent twice shows.
contract Box {
    address public owner;
    mapping(uint256 => uint256) public value;
    mapping(uint256 => uint256) public writes;
    /// An incident: set by anyone, it says that a value is to be left alone.
    mapping(uint256 => bool) public frozen;
    /// Makes `set` of a number revert, as some other contract's state might.
    mapping(uint256 => bool) public broken;

    event Set(uint256 indexed number, uint256 value);

    error NotOwner(address caller);
    error Broken(uint256 number);

    function set(uint256 number, uint256 to) external {
        if (owner != address(0) && msg.sender != owner) revert NotOwner(msg.sender);
        if (broken[number]) revert Broken(number);
        value[number] = to;
        writes[number] += 1;
        emit Set(number, to);
    }

    function freeze(uint256 number) external {
        frozen[number] = true;
    }

    function setBroken(uint256 number, bool to) external {
        broken[number] = to;
    }

    function give(address to) external {
        owner = to;
    }
}
