// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Governable} from "./governance/Governable.sol";
import {IPausable, IPausableModule} from "./interfaces/IModules.sol";
import {VersionCheck} from "./utils/VersionCheck.sol";

/// @title SystemPause
/// @notice Owns the eight modules and forwards its governance's calls to them; pauses or unpauses them all at once.
/// @dev It has no `pause()`, `unpause()` or `paused()`: the system is paused when all eight modules are. The arena isn't
///      among them. Its power over a module is that of the module's owner (or of its pauser, when it is named as one):
///      over modules that somebody else owns, each call reverts with the module's own error. Another pauser, such as a
///      PauseGuard, doesn't get in its way. Governance only, else NotGovernance.
contract SystemPause is Governable {
    using VersionCheck for address;

    uint256 private constant MODULES = 8;

    address public jobRegistry;
    address public stakeManager;
    address public validationModule;
    address public disputeModule;
    address public platformRegistry;
    address public feePool;
    address public reputationEngine;
    address public arbitratorCommittee;

    /// @notice The pauser that `setGlobalPauser` last gave to all modules and that `refreshPausers` gives again.
    address public activePauser;

    event ModulesUpdated(
        address jobRegistry,
        address stakeManager,
        address validationModule,
        address disputeModule,
        address platformRegistry,
        address feePool,
        address reputationEngine,
        address arbitratorCommittee
    );
    event PausersUpdated(address indexed pauser);
    event GovernanceCallExecuted(address indexed target, bytes4 indexed selector, bytes result);

    /// @notice A module is zero or its `version()` isn't 2.
    error InvalidModule(address module);
    /// @notice The pauser is zero.
    error InvalidPauser(address pauser);
    /// @notice The target isn't one of the eight modules.
    error UnknownGovernanceTarget(address target);
    /// @notice The call has no function selector.
    error MissingSelector();

    /// @param modules In the order of the getters above.
    constructor(address governance_, address[8] memory modules) Governable(governance_) {
        _setModules(modules);
        activePauser = address(this);
    }

    /// @notice Names the eight modules. Governance only. Their owners and pausers stay as they are.
    /// @dev Reverts InvalidModule. Emits ModulesUpdated.
    function setModules(
        address jobRegistry_,
        address stakeManager_,
        address validationModule_,
        address disputeModule_,
        address platformRegistry_,
        address feePool_,
        address reputationEngine_,
        address arbitratorCommittee_
    ) external onlyGovernance {
        _setModules(
            [
                jobRegistry_,
                stakeManager_,
                validationModule_,
                disputeModule_,
                platformRegistry_,
                feePool_,
                reputationEngine_,
                arbitratorCommittee_
            ]
        );
    }

    /// @notice Pauses all eight modules or none. Governance only.
    /// @dev Reverts EnforcedPause when one is paused already, and with whatever a module refuses with. Emits nothing of
    ///      its own: each module emits Paused.
    function pauseAll() external onlyGovernance {
        address[8] memory modules = _modules();
        for (uint256 i; i < MODULES; ++i) {
            IPausable(modules[i]).pause();
        }
    }

    /// @notice Unpauses all eight modules or none. Governance only.
    /// @dev Reverts ExpectedPause when one is live already, and with whatever a module refuses with. Emits nothing of its
    ///      own: each module emits Unpaused.
    function unpauseAll() external onlyGovernance {
        address[8] memory modules = _modules();
        for (uint256 i; i < MODULES; ++i) {
            IPausable(modules[i]).unpause();
        }
    }

    /// @notice Makes `pauser` the pauser of all eight modules, and remembers it. Governance only.
    /// @dev Reverts InvalidPauser for zero, and with whatever a module refuses with. Emits PausersUpdated.
    function setGlobalPauser(address pauser) external onlyGovernance {
        if (pauser == address(0)) revert InvalidPauser(pauser);
        activePauser = pauser;
        _setPausers(pauser);
    }

    /// @notice Gives `activePauser` to all eight modules again, say after `setModules`. Governance only.
    /// @dev Reverts with whatever a module refuses with. Emits PausersUpdated.
    function refreshPausers() external onlyGovernance {
        _setPausers(activePauser);
    }

    /// @notice Makes a call to one of the eight modules as this contract. Governance only.
    /// @dev Reverts UnknownGovernanceTarget, MissingSelector, and with the module's own error when it refuses. Emits
    ///      GovernanceCallExecuted.
    function executeGovernanceCall(address target, bytes calldata data) external onlyGovernance returns (bytes memory result) {
        if (!_isModule(target)) revert UnknownGovernanceTarget(target);
        if (data.length < 4) revert MissingSelector();
        result = Address.functionCall(target, data);
        emit GovernanceCallExecuted(target, bytes4(data[:4]), result);
    }

    function _setPausers(address pauser) private {
        address[8] memory modules = _modules();
        for (uint256 i; i < MODULES; ++i) {
            IPausableModule(modules[i]).setPauser(pauser);
        }
        emit PausersUpdated(pauser);
    }

    function _setModules(address[8] memory m) private {
        for (uint256 i; i < MODULES; ++i) {
            if (!m[i].isCurrent()) revert InvalidModule(m[i]);
        }
        (jobRegistry, stakeManager, validationModule, disputeModule) = (m[0], m[1], m[2], m[3]);
        (platformRegistry, feePool, reputationEngine, arbitratorCommittee) = (m[4], m[5], m[6], m[7]);
        emit ModulesUpdated(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]);
    }

    function _isModule(address target) private view returns (bool) {
        address[8] memory modules = _modules();
        for (uint256 i; i < MODULES; ++i) {
            if (modules[i] == target) return true;
        }
        return false;
    }

    function _modules() private view returns (address[8] memory) {
        return [
            jobRegistry,
            stakeManager,
            validationModule,
            disputeModule,
            platformRegistry,
            feePool,
            reputationEngine,
            arbitratorCommittee
        ];
    }
}
