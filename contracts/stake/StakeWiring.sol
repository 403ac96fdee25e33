// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {VersionCheck} from "../utils/VersionCheck.sol";
import {StakeParameters} from "./StakeParameters.sol";

/// @title StakeWiring
/// @notice StakeManager's addresses: treasury, lock managers, modules, pauser.
/// @dev Every setter works while paused and emits its event also for the same value; none emits ParametersUpdated.
abstract contract StakeWiring is StakeParameters, Pausable {
    using VersionCheck for address;

    /// @notice Generation of the module; others refuse to be wired to anything but 2.
    uint256 public constant version = 2;

    /// @notice Gets the treasury's share of slashed stake; zero = that share is burned.
    address public treasury;
    /// @notice Addresses that may become the treasury.
    mapping(address account => bool) public treasuryAllowlist;
    /// @notice Addresses that may lock, unlock and slash validators' stake; the arena is one.
    mapping(address account => bool) public validatorLockManagers;

    /// @notice The job registry; may slash.
    address public jobRegistry;
    /// @notice The dispute module; may slash, and counts disputes.
    address public disputeModule;
    /// @notice The validation module; may lock, unlock and slash validators' stake.
    address public validationModule;
    /// @notice Where fees go.
    address public feePool;
    /// @notice Gives the temperature for automatic tuning; zero for none.
    address public thermostat;
    /// @notice Gives the energy for automatic tuning; zero for none.
    address public hamiltonianFeed;

    /// @notice May pause and unpause, beside the governance; zero for nobody.
    address public pauser;
    /// @notice May replace the pauser, beside the governance; zero for nobody.
    address public pauserManager;

    /// @notice Sets the treasury; zero = its share is burned.
    /// @dev Reverts InvalidTreasury unless it is zero, or allowlisted and not the owner. Emits TreasuryUpdated.
    function setTreasury(address newTreasury) external onlyGovernance {
        if (newTreasury != address(0) && (newTreasury == governance || !treasuryAllowlist[newTreasury])) {
            revert InvalidTreasury();
        }
        treasury = newTreasury;
        emit TreasuryUpdated(newTreasury);
    }

    /// @notice Allows an address to become the treasury, or no longer.
    /// @dev Taking the current treasury off the list leaves it set, and slashing then reverts InvalidTreasury: set another
    ///      treasury first. Emits TreasuryAllowlistUpdated.
    function setTreasuryAllowlist(address account, bool allowed) external onlyGovernance {
        treasuryAllowlist[account] = allowed;
        emit TreasuryAllowlistUpdated(account, allowed);
    }

    /// @notice Lets an address lock, unlock and slash validators' stake, or no longer.
    /// @dev Reverts InvalidUser for zero. Emits ValidatorLockManagerUpdated.
    function setValidatorLockManager(address manager, bool allowed) external onlyGovernance {
        if (manager == address(0)) revert InvalidUser();
        validatorLockManagers[manager] = allowed;
        emit ValidatorLockManagerUpdated(manager, allowed);
    }

    /// @notice Sets the job registry.
    /// @dev Reverts InvalidJobRegistry for zero or when its `version()` isn't 2. Emits JobRegistryUpdated.
    function setJobRegistry(address registry) external onlyGovernance {
        if (!registry.isCurrent()) revert InvalidJobRegistry();
        jobRegistry = registry;
        emit JobRegistryUpdated(registry);
    }

    /// @notice Sets the dispute module.
    /// @dev Reverts InvalidDisputeModule for zero or when its `version()` isn't 2. Emits DisputeModuleUpdated.
    function setDisputeModule(address module) external onlyGovernance {
        if (!module.isCurrent()) revert InvalidDisputeModule();
        disputeModule = module;
        emit DisputeModuleUpdated(module);
    }

    /// @notice Sets job registry and dispute module together.
    /// @dev Reverts InvalidModule when one is zero, InvalidJobRegistry or InvalidDisputeModule when a `version()` isn't 2.
    ///      Emits JobRegistryUpdated, DisputeModuleUpdated and ModulesUpdated.
    function setModules(address registry, address module) external onlyGovernance {
        if (registry == address(0) || module == address(0)) revert InvalidModule();
        if (!registry.isCurrent()) revert InvalidJobRegistry();
        if (!module.isCurrent()) revert InvalidDisputeModule();
        jobRegistry = registry;
        disputeModule = module;
        emit JobRegistryUpdated(registry);
        emit DisputeModuleUpdated(module);
        emit ModulesUpdated(registry, module);
    }

    /// @notice Sets the validation module.
    /// @dev Reverts InvalidValidationModule for zero or when its `version()` isn't 2. Emits ValidationModuleUpdated.
    function setValidationModule(address module) external onlyGovernance {
        if (!module.isCurrent()) revert InvalidValidationModule();
        validationModule = module;
        emit ValidationModuleUpdated(module);
    }

    /// @notice Sets the fee pool.
    /// @dev Reverts InvalidFeePool for zero or when its `version()` isn't 2. Emits FeePoolUpdated.
    function setFeePool(address pool) external onlyGovernance {
        if (!pool.isCurrent()) revert InvalidFeePool();
        feePool = pool;
        emit FeePoolUpdated(pool);
    }

    /// @notice Sets the thermostat; any address, zero for none. Emits ThermostatUpdated.
    function setThermostat(address newThermostat) external onlyGovernance {
        thermostat = newThermostat;
        emit ThermostatUpdated(newThermostat);
    }

    /// @notice Sets the Hamiltonian feed; any address, zero for none. Emits HamiltonianFeedUpdated.
    function setHamiltonianFeed(address feed) external onlyGovernance {
        hamiltonianFeed = feed;
        emit HamiltonianFeedUpdated(feed);
    }

    /// @notice Names the pauser; zero for nobody. Governance or pauser manager.
    /// @dev Reverts NotGovernanceOrPauserManager. Emits PauserUpdated.
    function setPauser(address newPauser) external {
        if (msg.sender != governance && msg.sender != pauserManager) revert NotGovernanceOrPauserManager();
        pauser = newPauser;
        emit PauserUpdated(newPauser);
    }

    /// @notice Names who may replace the pauser; zero for nobody. Emits PauserManagerUpdated.
    function setPauserManager(address newManager) external onlyGovernance {
        pauserManager = newManager;
        emit PauserManagerUpdated(newManager);
    }

    /// @notice Stops deposits and withdrawals; setters and slashing go on. Governance or pauser.
    /// @dev Reverts Unauthorized, EnforcedPause when paused already. Emits Paused. Make a PauseGuard the pauser: a plain
    ///      key as pauser may also unpause.
    function pause() external {
        _requireGovernanceOrPauser();
        _pause();
    }

    /// @notice Starts deposits and withdrawals again. Governance or pauser.
    /// @dev Reverts Unauthorized, ExpectedPause when not paused. Emits Unpaused.
    function unpause() external {
        _requireGovernanceOrPauser();
        _unpause();
    }

    /// @notice Hands everything to `newOwner`, in one step: the same as `setGovernance`.
    /// @dev Reverts NotGovernance, ZeroAddress. Emits GovernanceUpdated and OwnershipTransferred.
    function transferOwnership(address newOwner) external onlyGovernance {
        _setGovernance(newOwner);
    }

    function _requireGovernanceOrPauser() private view {
        if (msg.sender != governance && msg.sender != pauser) revert Unauthorized();
    }
}
