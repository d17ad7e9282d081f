// WorkerDesk: hears the remote workers.
#pragma once

#include <vector>

#include "broker/core/job_desk.h"
#include "broker/core/sessions.h"
#include "broker/core/waiters.h"
#include "broker/core/worker_messages.h"
#include "broker/core/workers.h"
#include "tools/registry.h"

namespace yard::broker {

//   REGISTER ─► it offers its tools and gets work ─► BYE, or a lease that ends
//                  └ RENEW each second: names what it holds; what either side doesn't know of is put right
//
// A tool that workers declared stays known, so that jobs may wait for it and every worker means the same by it;
// while nobody offers it, another declaration may take its place.
// Threads: one.
class WorkerDesk {
 public:
  // `tools` is where declared tools are entered.
  WorkerDesk(const Limits& limits, Counters& counters, Gate& gate, Streams& streams, tools::Registry& tools,
             Workers& workers, JobDesk& desk)
      : limits_(limits),
        counters_(counters),
        gate_(gate),
        streams_(streams),
        tools_(tools),
        workers_(workers),
        desk_(desk) {}

  // A message from the workers socket that is neither HELLO, PING nor BYE. Its body is checked.
  // Errors: kNoSession where the session has not registered; kUnsupported, kBadRequest, kTooLarge, kConflict,
  //         kOverQuota.
  [[nodiscard]] Status on_message(const ReplyTo& to, const wire::Message& message, Now now);

  // The worker says BYE: what it holds is lost.
  void leave(std::uint64_t session, Now now);

  // Ends leases.
  void on_tick(Now now);
  [[nodiscard]] SteadyTime next_tick() const { return workers_.next_lapse(); }

 private:
  [[nodiscard]] Status enroll(const ReplyTo& to, PackView body, Now now);
  [[nodiscard]] Status check_tools(const Registration& registration) const;
  [[nodiscard]] Status declare(std::vector<tools::ToolSpec>& specs);
  [[nodiscard]] Status renew(Worker& worker, const ReplyTo& to, PackView body, Now now);
  [[nodiscard]] Status report(Worker& worker, const wire::Message& message, Now now);
  enum class Unlisted { kInFlight, kLost };
  void reconcile(Worker& worker, const std::vector<ListedAttempt>& listed, Unlisted assigned, Now now);
  void lose_all(Worker& worker, JobDesk::Loss loss, Now now);
  [[nodiscard]] FrameBatch<Peer>& frames() { return gate_.effects().replies; }
  void acknowledge(const ReplyTo& to);

  const Limits& limits_;
  Counters& counters_;
  Gate& gate_;
  Streams& streams_;
  tools::Registry& tools_;
  Workers& workers_;
  JobDesk& desk_;
  std::size_t declared_ = 0;  // tools, since the start
};

}  // namespace yard::broker
