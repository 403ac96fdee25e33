// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Governable} from "./governance/Governable.sol";
import {ITemperature} from "./interfaces/IModules.sol";

/// @title Thermostat
/// @notice Keeps the system's temperature, moved by hand or by a controller's `tick`, and role temperatures beside it.
/// @dev Temperatures have 18 decimals; gains and weights are plain integers. Governance only, else NotGovernance; what is
///      wrong with a value is said as text. Every setter emits its event also for the same value.
contract Thermostat is Governable, ITemperature {
    uint8 private constant ROLES = 4;

    /// @inheritdoc ITemperature
    int256 public systemTemperature;
    /// @notice Lowest temperature, 18 decimals.
    int256 public minTemp;
    /// @notice Highest temperature, 18 decimals.
    int256 public maxTemp;

    /// @notice Gain of the error.
    int256 public kp;
    /// @notice Gain of the error's sum.
    int256 public ki;
    /// @notice Gain of the error's change.
    int256 public kd;
    /// @notice Weight of the emission error.
    int256 public wEmission = 1;
    /// @notice Weight of the backlog error.
    int256 public wBacklog = 1;
    /// @notice Weight of the service-level error.
    int256 public wSla = 1;
    /// @notice Lowest value of the error's sum, 18 decimals.
    int256 public integralMin = -1_000 ether;
    /// @notice Highest value of the error's sum, 18 decimals.
    int256 public integralMax = 1_000 ether;

    /// @notice Sum of the errors so far, 18 decimals.
    int256 public integral;
    /// @notice Latest error, 18 decimals.
    int256 public lastError;

    mapping(uint8 role => int256) private _roleTemperatures;

    event TemperatureUpdated(int256 newTemp);
    event TemperatureBoundsUpdated(int256 minTemp, int256 maxTemp);
    event PIDUpdated(int256 kp, int256 ki, int256 kd);
    event KPIWeightsUpdated(int256 wEmission, int256 wBacklog, int256 wSla);
    event IntegralBoundsUpdated(int256 integralMin, int256 integralMax);
    /// @notice `temp` 0 = unset: the role follows `systemTemperature` again.
    event RoleTemperatureUpdated(uint8 role, int256 temp);
    event Tick(int256 emission, int256 backlog, int256 sla, int256 newTemp);

    /// @dev Reverts "bounds" unless 0 < minimum < maximum, "temp" when the temperature is outside.
    constructor(address governance_, int256 temperature, int256 minimum, int256 maximum) Governable(governance_) {
        require(minimum > 0 && maximum > minimum, "bounds");
        (minTemp, maxTemp) = (minimum, maximum);
        _requireWithin(temperature);
        systemTemperature = temperature;
        emit TemperatureBoundsUpdated(minimum, maximum);
        emit TemperatureUpdated(temperature);
    }

    /// @notice Sets the temperature, 18 decimals.
    /// @dev Reverts "temp" outside the bounds. Emits TemperatureUpdated.
    function setSystemTemperature(int256 temperature) external onlyGovernance {
        _requireWithin(temperature);
        systemTemperature = temperature;
        emit TemperatureUpdated(temperature);
    }

    /// @notice Sets the bounds, 18 decimals, and moves the temperature into them. Role temperatures stay as they are.
    /// @dev Reverts "bounds" unless 0 < minimum < maximum. Emits TemperatureBoundsUpdated, and TemperatureUpdated when the
    ///      temperature had to move.
    function setTemperatureBounds(int256 minimum, int256 maximum) external onlyGovernance {
        require(minimum > 0 && maximum > minimum, "bounds");
        (minTemp, maxTemp) = (minimum, maximum);
        emit TemperatureBoundsUpdated(minimum, maximum);
        int256 clamped = _clamp(systemTemperature, minimum, maximum);
        if (clamped != systemTemperature) {
            systemTemperature = clamped;
            emit TemperatureUpdated(clamped);
        }
    }

    /// @notice Sets the controller's gains; any values. Emits PIDUpdated.
    function setPID(int256 newKp, int256 newKi, int256 newKd) external onlyGovernance {
        (kp, ki, kd) = (newKp, newKi, newKd);
        emit PIDUpdated(newKp, newKi, newKd);
    }

    /// @notice Sets the weights of the three errors; any values. Emits KPIWeightsUpdated.
    function setKPIWeights(int256 emission, int256 backlog, int256 sla) external onlyGovernance {
        (wEmission, wBacklog, wSla) = (emission, backlog, sla);
        emit KPIWeightsUpdated(emission, backlog, sla);
    }

    /// @notice Sets how far the error's sum may go, 18 decimals; the sum itself moves at the next tick.
    /// @dev Reverts "integral" unless maximum > minimum. Emits IntegralBoundsUpdated.
    function setIntegralBounds(int256 minimum, int256 maximum) external onlyGovernance {
        require(maximum > minimum, "integral");
        (integralMin, integralMax) = (minimum, maximum);
        emit IntegralBoundsUpdated(minimum, maximum);
    }

    /// @notice Gives a role (0 agent, 1 validator, 2 operator, 3 employer) a temperature of its own, 18 decimals.
    /// @dev Reverts "role" above 3, "temp" outside the bounds. Emits RoleTemperatureUpdated.
    function setRoleTemperature(uint8 role, int256 temperature) external onlyGovernance {
        require(role < ROLES, "role");
        _requireWithin(temperature);
        _roleTemperatures[role] = temperature;
        emit RoleTemperatureUpdated(role, temperature);
    }

    /// @notice Lets a role follow the system's temperature again.
    /// @dev Reverts "role" above 3. Emits RoleTemperatureUpdated with 0.
    function unsetRoleTemperature(uint8 role) external onlyGovernance {
        require(role < ROLES, "role");
        delete _roleTemperatures[role];
        emit RoleTemperatureUpdated(role, 0);
    }

    /// @notice Moves the temperature by what the controller makes of three errors, 18 decimals, within the bounds.
    /// @dev Emits TemperatureUpdated and Tick.
    function tick(int256 emission, int256 backlog, int256 sla) external onlyGovernance {
        int256 err = wEmission * emission + wBacklog * backlog + wSla * sla;
        integral = _clamp(integral + err, integralMin, integralMax);
        int256 move = kp * err + ki * integral + kd * (err - lastError);
        lastError = err;
        systemTemperature = _clamp(systemTemperature + move, minTemp, maxTemp);
        emit TemperatureUpdated(systemTemperature);
        emit Tick(emission, backlog, sla, systemTemperature);
    }

    /// @notice A role's temperature, 18 decimals: its own, or the system's when it has none.
    /// @dev "Equal" and "unset" differ only in the history of RoleTemperatureUpdated. Reverts "role" above 3.
    function getRoleTemperature(uint8 role) external view returns (int256) {
        require(role < ROLES, "role");
        int256 own = _roleTemperatures[role];
        return own == 0 ? systemTemperature : own;
    }

    function _requireWithin(int256 temperature) private view {
        require(temperature > 0 && temperature >= minTemp && temperature <= maxTemp, "temp");
    }

    function _clamp(int256 value, int256 low, int256 high) private pure returns (int256) {
        if (value < low) return low;
        return value > high ? high : value;
    }
}
