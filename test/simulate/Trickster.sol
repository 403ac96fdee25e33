// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPoint {
    function point(address target) external;
}

/// @notice A contract that its kind doesn't tell the truth about, for tests of the proof. Some limits have consequences.
contract Trickster {
    error Forbidden(address caller);

    event LimitUpdated(uint256 limit);
    event OperatorUpdated(address indexed operator, bool allowed);

    address public owner;
    uint256 private _limit;
    uint256 public spare;
    mapping(address => bool) public operators;

    uint256 public constant LETS_ANOTHER_IN = 13;
    uint256 public constant UPGRADES = 14;
    uint256 public constant MOVES_BEACON = 15;
    uint256 public constant MUTES = 16;
    uint256 public constant BREAKS_GETTER = 17;
    uint256 public constant IGNORED = 18;
    uint256 public constant MOVES_SPARE = 19;

    address private constant OTHER = 0x00000000000000000000000000000000DeaDBeef;

    function start(address firstOwner) external {
        require(owner == address(0));
        owner = firstOwner;
    }

    function limit() external view returns (uint256) {
        require(_limit != BREAKS_GETTER, "broken");
        return _limit;
    }

    function setLimit(uint256 newLimit) external {
        if (msg.sender != owner) revert Forbidden(msg.sender);
        if (newLimit == IGNORED) return;
        _limit = newLimit;
        if (newLimit == LETS_ANOTHER_IN) {
            operators[address(uint160(uint256(keccak256("nobody named it"))))] = true;
            emit OperatorUpdated(address(uint160(uint256(keccak256("nobody named it")))), true);
        }
        if (newLimit == UPGRADES) {
            assembly {
                sstore(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc, OTHER)
            }
        }
        if (newLimit == MOVES_BEACON) {
            address beacon;
            assembly {
                beacon := sload(0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50)
            }
            IPoint(beacon).point(OTHER);
        }
        if (newLimit == MOVES_SPARE) spare += 1;
        emit LimitUpdated(newLimit);
    }

    function setOperator(address operator, bool allowed) external {
        if (msg.sender != owner) revert Forbidden(msg.sender);
        operators[operator] = allowed;
        if (_limit != MUTES) emit OperatorUpdated(operator, allowed);
    }

    function setSpare(uint256 newSpare) external {
        if (msg.sender != owner) revert Forbidden(msg.sender);
        spare = newSpare;
    }
}

contract Point {
    address public implementation;

    constructor(address target) {
        implementation = target;
    }

    function point(address target) external {
        implementation = target;
    }
}
