#include "jobs/target.h"

namespace yard::jobs {

std::string to_string(const Target& target) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!text.empty()) text += ' ';
    text.append(name).append("=").append(value);
  };
  add("tool", target.tool);
  add("tenant", target.tenant);
  if (target.queue) add("queue", name_of(*target.queue));
  add("worker", target.worker);
  return text.empty() ? "everything" : text;
}

}  // namespace yard::jobs
