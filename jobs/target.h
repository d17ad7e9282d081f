// Target: which jobs an administrator means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jobs/job.h"

namespace yard::jobs {

// Jobs, by what they are: all that is named must fit, and what is empty fits everything. Or remote workers, by their
// name, whatever they run.
struct Target {
  std::string tool;
  std::string tenant;
  std::optional<ExecutorKind> queue;  // of which executor
  std::string worker;                 // stands alone

  [[nodiscard]] bool empty() const { return tool.empty() && tenant.empty() && !queue && worker.empty(); }
  [[nodiscard]] bool covers(std::string_view of_tool, std::string_view of_tenant, ExecutorKind of_queue) const {
    return worker.empty() && (tool.empty() || tool == of_tool) && (tenant.empty() || tenant == of_tenant) &&
           (!queue || *queue == of_queue);
  }
  [[nodiscard]] bool covers(const Job& job) const { return covers(job.tool, job.principal, job.executor); }

  bool operator==(const Target&) const = default;
};

// "tool=render tenant=bob"; "everything" where it is empty.
[[nodiscard]] std::string to_string(const Target& target);

}  // namespace yard::jobs
