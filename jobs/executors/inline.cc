#include "jobs/executors/inline.h"

#include <utility>

namespace yard::jobs {

void InlineExecutor::start(std::vector<Work>& work) {
  for (const Work& one : std::exchange(work, {})) {
    run_attempt(one, {}, runner_, *this, clock_, [] {});
  }
}

}  // namespace yard::jobs
