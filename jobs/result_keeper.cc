#include "jobs/result_keeper.h"

#include <limits>
#include <utility>

#include "engine/base/check.h"

namespace yard::jobs {

ResultKeeper::ResultKeeper(StoreResult store, ReportQueue& reports)
    : store_(std::move(store)), reports_(reports), waiting_(std::numeric_limits<std::size_t>::max()) {
  thread_ = std::jthread([this] { run(); });
}

ResultKeeper::~ResultKeeper() {
  std::vector<Report> dropped;
  waiting_.drain(dropped);
  waiting_.close();
}

void ResultKeeper::keep(std::vector<Report>& reports) {
  for (Report& report : std::exchange(reports, {})) YARD_CHECK(waiting_.try_push(std::move(report)));
}

void ResultKeeper::run() {
  std::vector<Report> taken;
  while (waiting_.pop_batch(taken, 1)) {
    for (Report& report : taken) {
      auto& end = std::get<Finished>(report.what);
      end.outcome = store_(*end.outcome);
      end.by_reference = end.outcome.has_value();
      reports_.push(std::move(report));
    }
  }
}

}  // namespace yard::jobs
