// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What each of the eight modules answers, so that no older contract is wired in by mistake.
interface IVersioned {
    function version() external view returns (uint256);
}

/// @notice What SystemPause and PauseGuard need of a contract that can be paused.
interface IPausable {
    function pause() external;
    function unpause() external;
    function paused() external view returns (bool);
}

/// @notice A module whose pauser can be set from outside.
interface IPausableModule is IPausable {
    function setPauser(address newPauser) external;
}

/// @notice Takes stake away from a validator.
interface ISlasher {
    function slash(address validator, uint256 amount, address recipient) external;
}

/// @notice Counts disputes, for the automatic stake floor.
interface IDisputeCounter {
    function recordDispute() external;
}

/// @notice Pays rewards out of its own balance.
interface IRewardPool {
    function reward(address to, uint256 amount) external;
}

/// @notice Says who may take part in a round, and as what.
interface IIdentityRegistry {
    function isAuthorizedAgent(address account, string calldata subdomain, bytes32[] calldata proof)
        external
        view
        returns (bool);
    function isAuthorizedValidator(address account, string calldata subdomain, bytes32[] calldata proof)
        external
        view
        returns (bool);
}

/// @notice Says which jobs exist.
interface IJobBook {
    function jobExists(uint256 jobId) external view returns (bool);
}

/// @notice Gives the system's temperature, 18 decimals.
interface ITemperature {
    function systemTemperature() external view returns (int256);
}

/// @notice Gives the system's energy, 18 decimals.
interface IHamiltonian {
    function currentHamiltonian() external view returns (int256);
}

/// @notice A token that its holder can burn.
interface IBurnable {
    function burn(uint256 amount) external;
}
