#include "jobs/job.h"

#include <array>

namespace yard::jobs {

std::string_view name_of(WaitClass wait_class) {
  constexpr std::array<std::string_view, 3> kNames = {"short", "medium", "long"};
  return kNames[static_cast<std::size_t>(wait_class)];
}

}  // namespace yard::jobs
