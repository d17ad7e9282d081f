// Configuration: a file, then the command line, over sane defaults.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/limits.h"
#include "engine/base/result.h"
#include "jobs/scheduling.h"
#include "tools/tool.h"

namespace yard::broker {

struct Config {
  std::string requests;  // endpoints
  std::string iopub;
  std::string control;
  std::string workers;  // empty: beside the requests, see workers_beside()
  std::filesystem::path state;
  std::optional<std::size_t>
      threads;  // of the executor; 0: jobs run on the loop's own thread; none: one a core, at least two
  std::optional<std::size_t> processes;  // that run commands at the same time; none: one a core, at least two
  std::vector<tools::ToolSpec> commands;
  std::vector<std::filesystem::path> read_roots;
  std::filesystem::path soundfont;
  std::string log_level = "info";
  std::string log = "journal";  // of jobs: "journal", in the state folder, or "memory", which survives nothing
  Limits limits;
  jobs::SchedulingPolicy scheduling;  // tenants, groups, resources
};

// Endpoints below $XDG_RUNTIME_DIR/switchyard, or /tmp/switchyard-<uid>; state below
// $XDG_STATE_HOME/switchyard, or ~/.local/state/switchyard; Debian's TimGM6mb soundfont.
[[nodiscard]] Config default_config();

// Reads a TOML file over `config`. Errors: kNotFound, kBadRequest with line and name; an unknown name is
// an error, since a setting that is silently ignored is worse than none.
[[nodiscard]] Status read_config(const std::filesystem::path& file, Config& config);

// What config_get shows: everything, as JSON; there are no secrets in it.
[[nodiscard]] std::string config_json(const Config& config);

}  // namespace yard::broker
