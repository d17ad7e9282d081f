// Client: talks to a broker, asynchronously.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "clients/core/call_options.h"
#include "clients/core/reply.h"
#include "clients/core/schedule.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "iopub/event.h"
#include "jobs/job_id.h"

namespace yard::client {

struct ClientOptions {
  std::string requests;             // endpoint; empty: default_requests_endpoint()
  std::string name = "switchyard";  // what the session is called in the broker's log
  Millis connect_timeout = std::chrono::seconds(5);
  Millis reply_timeout = std::chrono::seconds(2);  // of silence, beyond any wait that was asked for
  int tries_max = 3;                               // how often a request is sent before it is kUnavailable
  std::size_t pending_max = 65'536;                // requests on their way
  std::size_t pending_bytes_max = 256u << 20;
};

// One stream's events come in order, each once, without gaps: lost ones are asked for again. What can't
// be had any more is told by a kSnapshot event. Called on the client's own thread: must not block, and
// must not call blocking functions of the client. `event` is valid during the call.
using OnEvent = std::function<void(const iopub::Event& event)>;

// What an administrator asks for. Empty names fit everything; a worker stands alone.
struct AdminRequest {
  wire::Verb verb = wire::Verb::kPause;  // or kResume, kPurge, kDrain
  std::string tool;
  std::string tenant;
  std::string queue;   // "threads", "processes" or "workers"
  std::string worker;  // a remote one's name
  std::string reason;
  std::string cursor;  // of the answer to the purge that this one goes on from
};

using SubscriptionId = std::uint64_t;

// Keeps a session alive, repeats requests whose reply was lost (their ids make that safe), says HELLO
// again after the broker restarted. Own limits are checked before anything is sent.
//
// One thread of its own holds the sockets. Threads: any; only the `…_wait` functions and connect() block.
class Client {
 public:
  // Opens a session. Errors: kUnavailable if nobody answers in time.
  [[nodiscard]] static Result<std::unique_ptr<Client>> connect(ClientOptions options = {});

  // Says BYE. Requests on their way end with kUnavailable.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // What the broker said when the client connected.
  [[nodiscard]] const Welcome& welcome() const;

  using Answer = std::future<Result<Reply>>;

  // Calls a tool. arguments: one msgpack map. The Reply is kImmediate, kAck, kResult (a job that ended in
  // time) or kJob (it goes on). Errors: what the broker answers; kTooLarge and kBadRequest before
  // anything is sent; kQueueFull when too much is on its way; kUnavailable.
  [[nodiscard]] Answer call(std::string_view tool, BytesView arguments, const CallOptions& options = {});
  [[nodiscard]] Result<Reply> call_wait(std::string_view tool, BytesView arguments, const CallOptions& options = {});

  // Calls a job tool and doesn't wait for it: kJob (or kResult, if it was over already).
  [[nodiscard]] Answer submit(std::string_view tool, BytesView arguments, CallOptions options = {});

  // Submits many calls of job tools in one message: kData with {accepted, jobs}, an entry a call. `calls` is a msgpack
  // array of at most 1,000 calls; see write_call(). atomic: all of them or none.
  [[nodiscard]] Answer submit_batch(BytesView calls, bool atomic);

  // Sends and forgets. What waits longer than its time to live is thrown away, never sent late.
  // Errors: kTooLarge, kBadRequest, kQueueFull.
  [[nodiscard]] Status cast(std::string_view tool, BytesView arguments, const CastOptions& options = {});

  // Casts that waited longer than their time to live, or found no broker.
  [[nodiscard]] std::uint64_t casts_dropped() const;

  // Queries: see PROTOCOL.md for the bodies. Cancel, ping, stats, drain and administration take the control socket.
  [[nodiscard]] Answer status(JobId job);
  [[nodiscard]] Answer list(BytesView filter);
  [[nodiscard]] Answer wait(std::span<const JobId> jobs, bool all, Millis timeout);
  [[nodiscard]] Answer cancel(JobId job, std::string_view reason = {});
  [[nodiscard]] Answer why(JobId job);
  [[nodiscard]] Answer inspect(JobId job);  // its status, with its arguments
  [[nodiscard]] Answer tools(std::string_view name = {});
  [[nodiscard]] Answer stats();
  [[nodiscard]] Answer ping();
  [[nodiscard]] Answer drain();

  // Dead letters: list() finds them by {dead_letter: true}. A replay is a new job; its id is that of the Reply.
  [[nodiscard]] Answer dead_replay(JobId job);
  [[nodiscard]] Answer dead_purge(std::span<const JobId> jobs);
  [[nodiscard]] Answer dead_purge_all();

  // Schedules. The Reply to a set one is kData: it with its next_ms; of no name: all of yours.
  [[nodiscard]] Answer schedule_set(const Schedule& schedule);
  [[nodiscard]] Answer schedule_remove(std::string_view name);
  [[nodiscard]] Answer schedules(std::string_view name = {});

  [[nodiscard]] Answer administer(const AdminRequest& request);
  [[nodiscard]] Answer audit(std::int64_t limit);

  // Follows a stream from seq `from` on (1: all there is).
  [[nodiscard]] Result<SubscriptionId> subscribe(std::string_view topic, std::uint64_t from, OnEvent on_event);
  void unsubscribe(SubscriptionId id);

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yard::client
