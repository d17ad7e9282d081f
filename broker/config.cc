#include "broker/config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "broker/commands.h"
#include "broker/endpoints.h"
#include "broker/scheduling_config.h"
#include "broker/section.h"

namespace yard::broker {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

struct SizeLimit {
  std::string_view name;
  std::size_t Limits::* member;
};
struct TimeLimit {
  std::string_view name;  // ends in _ms
  Millis Limits::* member;
};

// What of the limits may be set in the file.
constexpr std::array kSizeLimits = {
    SizeLimit{"sessions_max", &Limits::sessions_max},
    SizeLimit{"jobs_live_max", &Limits::jobs_live_max},
    SizeLimit{"jobs_bytes_max", &Limits::jobs_bytes_max},
    SizeLimit{"result_inline_max", &Limits::result_inline_max},
    SizeLimit{"ended_count_max", &Limits::ended_count_max},
    SizeLimit{"ended_bytes_max", &Limits::ended_bytes_max},
    SizeLimit{"tombstones_max", &Limits::tombstones_max},
    SizeLimit{"dead_count_max", &Limits::dead_count_max},
    SizeLimit{"dead_bytes_max", &Limits::dead_bytes_max},
    SizeLimit{"job_stream_bytes", &Limits::job_stream_bytes},
    SizeLimit{"principal_stream_bytes", &Limits::principal_stream_bytes},
    SizeLimit{"workers_max", &Limits::workers_max},
    SizeLimit{"waiters_max", &Limits::waiters_max},
    SizeLimit{"replies_count_max", &Limits::replies_count_max},
    SizeLimit{"replies_bytes_max", &Limits::replies_bytes_max},
};
constexpr std::array kTimeLimits = {
    TimeLimit{"session_ttl_ms", &Limits::session_ttl},         TimeLimit{"ended_ttl_ms", &Limits::ended_ttl},
    TimeLimit{"attempt_timeout_ms", &Limits::attempt_timeout}, TimeLimit{"cancel_grace_ms", &Limits::cancel_grace},
    TimeLimit{"drain_grace_ms", &Limits::drain_grace},         TimeLimit{"cast_ttl_ms", &Limits::cast_ttl},
    TimeLimit{"retry_after_ms", &Limits::retry_after},         TimeLimit{"worker_lease_ms", &Limits::worker_lease},
    TimeLimit{"worker_renew_ms", &Limits::worker_renew},       TimeLimit{"assign_timeout_ms", &Limits::assign_timeout},
    TimeLimit{"orphan_grace_ms", &Limits::orphan_grace},
};

Status read_endpoints(const toml::table& file, Config& config) {
  Section section(file, "endpoints");
  YARD_TRY_STATUS(section.text("requests", config.requests));
  YARD_TRY_STATUS(section.text("iopub", config.iopub));
  YARD_TRY_STATUS(section.text("control", config.control));
  YARD_TRY_STATUS(section.text("workers", config.workers));
  return section.all_known();
}

Status read_broker(const toml::table& file, Config& config) {
  Section section(file, "broker");
  YARD_TRY_STATUS(section.path("state", config.state));
  YARD_TRY_STATUS(section.take<std::int64_t>("threads", "0 to 256", [&](std::int64_t value) {
    config.threads = static_cast<std::size_t>(value);
    return value >= 0 && value <= 256;
  }));
  YARD_TRY_STATUS(section.take<std::int64_t>("processes", "1 to 1024", [&](std::int64_t value) {
    config.processes = static_cast<std::size_t>(value);
    return value >= 1 && value <= 1024;
  }));
  YARD_TRY_STATUS(section.take<std::string>("log", "journal or memory", [&](const std::string& value) {
    config.log = value;
    return value == "journal" || value == "memory";
  }));
  YARD_TRY_STATUS(section.take<std::string>("log_level", "debug, info, warn or error", [&](const std::string& value) {
    config.log_level = value;
    return value == "debug" || value == "info" || value == "warn" || value == "error";
  }));
  return section.all_known();
}

Status read_tools(const toml::table& file, Config& config) {
  Section section(file, "tools");
  YARD_TRY_STATUS(section.path("soundfont", config.soundfont));
  if (const toml::node* roots = section.node("read_roots")) {
    if (!roots->is_array()) return section.refuse(*roots, "read_roots: expected a list of folders");
    for (const toml::node& root : *roots->as_array()) {
      const auto path = root.value<std::string>();
      if (!path || !path->starts_with('/')) return section.refuse(root, "read_roots: expected absolute paths");
      config.read_roots.emplace_back(*path);
    }
  }
  return section.all_known();
}

Status read_limits(const toml::table& file, Config& config) {
  constexpr std::int64_t kMost = 1ll << 40;
  Section section(file, "limits");
  for (const SizeLimit& limit : kSizeLimits) {
    YARD_TRY_STATUS(section.take<std::int64_t>(limit.name, "a count of at least 1", [&](std::int64_t value) {
      config.limits.*limit.member = static_cast<std::size_t>(value);
      return value >= 1 && value <= kMost;
    }));
  }
  for (const TimeLimit& limit : kTimeLimits) {
    YARD_TRY_STATUS(section.take<std::int64_t>(limit.name, "milliseconds, at least 1", [&](std::int64_t value) {
      config.limits.*limit.member = Millis(value);
      return value >= 1 && value <= kMost;
    }));
  }
  const Limits& limits = config.limits;
  if (limits.worker_lease < 2 * limits.worker_renew)
    return fail(ErrorCode::kBadRequest, "[limits] worker_lease_ms is less than two of worker_renew_ms");
  return section.all_known();
}

}  // namespace

Config default_config() {
  Config config;
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  const std::string folder = runtime.empty() ? "/tmp/switchyard-" + std::to_string(getuid()) : runtime + "/switchyard";
  config.requests = "ipc://" + folder + "/requests";
  config.iopub = "ipc://" + folder + "/iopub";
  config.control = "ipc://" + folder + "/control";
  const std::string state = environment("XDG_STATE_HOME");
  const std::string home = environment("HOME");
  config.state = fs::path(state.empty() ? (home.empty() ? "/var/tmp" : home + "/.local/state") : state) / "switchyard";
  config.soundfont = "/usr/share/sounds/sf2/TimGM6mb.sf2";
  return config;
}

Status read_config(const fs::path& file, Config& config) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return fail(ErrorCode::kNotFound, "no configuration file " + file.string());
  toml::table parsed;
  try {
    parsed = toml::parse_file(file.string());
  } catch (const toml::parse_error& wrong) {
    return fail(ErrorCode::kBadRequest, file.string() + " line " + std::to_string(wrong.source().begin.line) + ": " +
                                            std::string(wrong.description()));
  }
  for (const auto& [key, value] : parsed) {
    constexpr std::array<std::string_view, 8> kSections = {"endpoints", "broker",  "tools",  "commands",
                                                           "limits",    "tenants", "groups", "resources"};
    if (std::ranges::find(kSections, key.str()) == kSections.end()) {
      return fail(ErrorCode::kBadRequest, file.string() + ": unknown section [" + std::string(key.str()) + "]");
    }
  }
  const auto in_file = [&](Status status) {
    if (!status) status.error().message = file.string() + " " + status.error().message;
    return status;
  };
  YARD_TRY_STATUS(in_file(read_endpoints(parsed, config)));
  YARD_TRY_STATUS(in_file(read_broker(parsed, config)));
  YARD_TRY_STATUS(in_file(read_tools(parsed, config)));
  YARD_TRY_STATUS(in_file(read_commands(parsed, config.commands)));
  YARD_TRY_STATUS(in_file(read_scheduling(parsed, config.scheduling)));
  for (const tools::ToolSpec& command : config.commands)
    YARD_TRY_STATUS(in_file(check_needs(command.name, command.needs, config.scheduling)));
  return in_file(read_limits(parsed, config));
}

std::string config_json(const Config& config) {
  nlohmann::json json;
  json["endpoints"] = {{"requests", config.requests},
                       {"iopub", config.iopub},
                       {"control", config.control},
                       {"workers", config.workers.empty() ? workers_beside(config.requests) : config.workers}};
  json["broker"] = {{"state", config.state.string()}, {"log_level", config.log_level}, {"log", config.log}};
  if (config.threads) json["broker"]["threads"] = *config.threads;
  if (config.processes) json["broker"]["processes"] = *config.processes;
  json["commands"] = nlohmann::json::array();
  for (const tools::ToolSpec& command : config.commands) json["commands"].push_back(command.name);
  json["tools"] = {{"soundfont", config.soundfont.string()}, {"read_roots", nlohmann::json::array()}};
  for (const fs::path& root : config.read_roots) json["tools"]["read_roots"].push_back(root.string());
  for (const SizeLimit& limit : kSizeLimits) json["limits"][std::string(limit.name)] = config.limits.*limit.member;
  for (const TimeLimit& limit : kTimeLimits)
    json["limits"][std::string(limit.name)] = (config.limits.*limit.member).count();
  const auto group_json = [](const jobs::GroupPolicy& group) {
    return nlohmann::json{{"concurrency", group.concurrency}, {"rate_per_s", group.rate_per_s}, {"burst", group.burst}};
  };
  for (const auto& [name, tenant] : config.scheduling.tenants) {
    nlohmann::json& each = json["tenants"][name] = group_json(tenant.group);
    each["weight"] = tenant.weight;
    each["budget"] = tenant.budget.units;
    each["budget"]["window_s"] = tenant.budget.window.count();
  }
  for (const auto& [name, group] : config.scheduling.groups) json["groups"][name] = group_json(group);
  if (!config.scheduling.resources.empty()) json["resources"] = config.scheduling.resources;
  return json.dump();
}

}  // namespace yard::broker
