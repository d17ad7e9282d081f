// ResultKeeper: takes large results to where they are kept, off the broker's thread.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "jobs/executor.h"
#include "jobs/report_queue.h"

namespace yard::jobs {

// Stores a packed result for good and returns where it is, one msgpack map. Errors: kIo, kTooLarge.
using StoreResult = std::function<Result<Bytes>(BytesView result)>;

// A result is stored before the record that names it: the report of its job's end comes back with the reference,
// or with the error that kept it from being stored.
class ResultKeeper {
 public:
  // `reports` must outlive it. `store` is called on a thread of its own.
  ResultKeeper(StoreResult store, ReportQueue& reports);

  // Waits for the result that is being stored; others are dropped. `reports` must be closed.
  ~ResultKeeper();
  ResultKeeper(const ResultKeeper&) = delete;
  ResultKeeper& operator=(const ResultKeeper&) = delete;

  // Takes the reports, each of a Finished with a result (the vector is empty afterwards). Never blocks: there are
  // never more than attempts that may run at the same time.
  void keep(std::vector<Report>& reports);

 private:
  void run();

  const StoreResult store_;
  ReportQueue& reports_;
  BoundedQueue<Report> waiting_;
  std::jthread thread_;
};

}  // namespace yard::jobs
