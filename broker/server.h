// Server: the loop around the core. It owns the sockets, hands work to the executor and records to the
// log, and carries out what the core wants done.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "broker/call_queue.h"
#include "broker/config.h"
#include "broker/core/core.h"
#include "broker/outbox.h"
#include "broker/poller.h"
#include "engine/base/event_fd.h"
#include "engine/base/random.h"
#include "jobs/executor.h"
#include "jobs/log.h"
#include "jobs/report_queue.h"
#include "jobs/result_keeper.h"
#include "tools/host.h"
#include "tools/registry.h"

namespace yard::broker {

struct Endpoints {
  std::string requests;
  std::string iopub;
  std::string control;
  std::string workers;
};

struct ServerOptions {
  Config config;
  std::string version;
  int stop_fd = -1;                     // readable: drain and stop (a signalfd)
  jobs::StoreResult store_result = {};  // of large results; none: they travel whole
  tools::Host* host = nullptr;          // runs the jobs of tools that are hosted; it must outlive the server
};

// One thread calls open() and run(): it owns the sockets and the core. Others are libzmq's own and the
// executor's, which reach it through the report queue.
class Server {
 public:
  // `registry`, `log` and `clock` must outlive it.
  Server(ServerOptions options, const tools::Registry& registry, jobs::JobLog& log, const Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds everything. Errors: kDenied, kUnavailable.
  [[nodiscard]] Result<Endpoints> open();

  // Serves until it is stopped and drained. Errors: kInternal, when the log fails.
  [[nodiscard]] Status run();

 private:
  struct Front {
    Lane lane;
    zmq::socket_t socket;
    Outbox outbox;
  };

  // Each returns whether it found something to do.
  bool take_frames(Front& front, std::size_t most);
  bool take_subscriptions();
  bool take_reports();
  bool take_commits();
  bool take_host_calls();
  void tell_of_log(bool full);
  void retry_log();
  [[nodiscard]] Status restore();
  bool tick();

  bool settle();
  void perform(Effects& effects);
  void start(std::vector<jobs::Work>& work);
  void send(Front& front, BytesView routing_id, BytesView frame);
  void retry_outboxes();
  void sleep();
  bool closed(bool busy);
  bool take_worker_frames();
  [[nodiscard]] Front& front_of(Lane lane);
  [[nodiscard]] std::array<Front*, 3> fronts() { return {&control_, &workers_, &requests_}; }
  [[nodiscard]] bool owes_replies();

  const ServerOptions options_;
  const tools::Registry& registry_;
  jobs::JobLog& log_;
  const Clock& clock_;
  SystemRandom random_;
  const jobs::CommandOf command_of_;
  EventFd reports_ready_;
  jobs::ReportQueue reports_;
  CallQueue host_calls_;
  zmq::context_t context_;
  Front requests_;
  Front control_;
  Front workers_;
  zmq::socket_t iopub_;
  std::uint64_t epoch_ = 0;  // of this start: streams begin afresh in it, and it fences the log
  Poller poller_;
  int stop_fd_ = -1;
  std::unique_ptr<Core> core_;
  std::unique_ptr<jobs::ResultKeeper> keeper_;  // null where large results travel whole
  std::unique_ptr<jobs::Executor> executor_;
  std::unique_ptr<jobs::Executor> processes_;  // null where no tool is a command
  std::vector<jobs::Work> commands_;           // scratch
  std::vector<jobs::Work> hosted_;             // scratch
  std::vector<tools::HostCall> taken_calls_;
  Outputs outputs_;
  std::vector<jobs::Report> taken_reports_;
  std::vector<jobs::Commit> commits_;
  bool log_full_ = false;
  SteadyTime next_log_retry_{};
  Now now_{};
  bool told_host_to_drain_ = false;
  SteadyTime closing_since_{};  // drained, and about to close
  SteadyTime quiet_since_{};
  std::uint64_t unreachable_ = 0;  // replies whose peer was gone
  std::uint64_t outbox_dropped_logged_ = 0;
};

}  // namespace yard::broker
