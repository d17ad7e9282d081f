// A core with everything around it played by the test: client, executor, log and clock.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "iopub/event.h"
#include "tests/support/fake_clock.h"

namespace yard::broker {

using nlohmann::json;
using wire::Verb;

struct Reply {
  Peer to;
  wire::Header header;
  json body;

  [[nodiscard]] Verb verb() const { return header.verb; }
  // The name of a NACK's error; empty for any other reply.
  [[nodiscard]] std::string error() const { return verb() == Verb::kNack ? body.at("name").get<std::string>() : ""; }
};

struct Published {
  std::string topic;
  iopub::EventHeader header;
  json body;
};

// What of a request isn't its body. Zero correlation: the next number.
struct Asking {
  Uuid id = {};
  std::uint32_t budget_ms = wire::kBudgetOfClass;
  std::string_view tool = {};
  json options = nullptr;
  std::uint8_t priority = wire::kPriorityDefault;
  Lane lane = Lane::kRequests;
  std::optional<std::uint64_t> session = std::nullopt;  // another than the harness's own
  std::uint32_t group = 0;
  std::uint64_t sent_ns = 0;
  std::uint64_t fence = 0;
};

// Tools: echo, count, fails, huge, publish (Immediate), note (Ack), work, slow, long, narrow (jobs of class
// short, medium, long, and one at a time), again (an idempotent job), brief (its result is kept for a second), strict
// (n: an integer that it needs, text), and job_status, job_list, job_poll, job_cancel, job_why.
class Harness {
 public:
  enum class Commits { kAtOnce, kByHand };

  explicit Harness(CoreOptions options = {}, Commits commits = Commits::kAtOnce);

  // ---- time

  [[nodiscard]] Now now() const { return clock.now(); }
  // Moves the clock in steps that are no longer than the core asks for.
  void advance(Nanos by);

  // ---- client

  // Opens a session and makes it the harness's own.
  Reply hello(const json& body = {{"client", "test"}});
  // Sends; returns the correlation.
  std::uint64_t post(Verb verb, const json& body = json::object(), Asking asking = {});
  // The reply to it, taken out; nothing if there is none yet.
  std::optional<Reply> reply_to(std::uint64_t correlation);
  // Both; there must be a reply.
  Reply ask(Verb verb, const json& body = json::object(), Asking asking = {});
  void post_bytes(BytesView frame, Lane lane = Lane::kRequests);

  // Submits a job of `tool` with budget 0 and returns its id; it must be accepted.
  JobId submit(std::string_view tool = "work", json options = nullptr);
  [[nodiscard]] json status(JobId id) { return ask(Verb::kStatus, {{"job_id", to_hex(id.value())}}).body; }
  [[nodiscard]] std::string state(JobId id) { return status(id).value("state", "unknown"); }
  Reply cancel(JobId id, std::string_view reason = "");
  Uuid fresh_id() { return make_uuid(random); }

  // ---- executor

  [[nodiscard]] bool has_work(JobId id) const { return works.contains(id); }
  void report(
      JobId id,
      std::variant<jobs::Started, jobs::Progressed, jobs::Chunked, jobs::ArtifactCreated, jobs::Logged, jobs::Finished>
          what);
  void begin(JobId id) { report(id, jobs::Started{}); }
  void succeed(JobId id, const json& result = json::object());
  void fail_with(JobId id, ErrorCode code, std::string message = "it failed");
  // Begins and succeeds.
  void run(JobId id, const json& result = json::object());

  // ---- the store of large results

  // Stores the oldest of `keeps`, or fails to.
  void store_result(ErrorCode error = ErrorCode{});

  // ---- the host

  void host_call(const tools::HostCall& call) {
    core().on_host_call(now(), call);
    settle();
  }

  // ---- log

  // By hand: commits what was appended up to now.
  void commit();

  // Kills the broker and starts another one on what was committed; works and replies are lost with it.
  void restart();

  // ---- calendar, where an expression is a number of seconds; see fake_calendar.h

  // False: questions wait for answer_questions().
  bool answers_questions = true;
  void answer_questions();

  // ---- what came out

  // Carries out what the core wants until it wants nothing more.
  void settle();
  [[nodiscard]] std::vector<Published> events_of(std::string_view topic) const;
  [[nodiscard]] std::vector<std::string> kinds_of(std::string_view topic) const;

  FakeClock clock;
  SeededRandom random{1};
  tools::Registry registry;
  int counted = 0;  // runs of tool count
  int noted = 0;    // runs of tool note
  std::vector<Reply> replies;
  std::vector<Published> events;
  std::map<JobId, jobs::Work> works;  // handed over and not finished
  std::vector<JobId> stops;
  std::vector<jobs::Report> keeps;  // large results that are to be stored
  std::vector<tools::HostAnswer> answers;
  std::vector<LogLine> logs;
  std::vector<InstantsQuestion> questions;
  Bytes records;  // all of them
  jobs::LogPosition appended = 0;
  jobs::LogPosition committed = 0;
  std::uint64_t session = 0;
  std::optional<Core> core_slot;
  [[nodiscard]] Core& core() { return *core_slot; }

 private:
  void add_tools();
  void take(Effects& effects);

  CoreOptions options_;
  Commits commits_;
  std::uint64_t last_correlation_ = 0;
};

inline std::string hex_of(JobId id) { return to_hex(id.value()); }
inline std::string topic_of(JobId id) { return iopub::job_topic(id.value()); }

}  // namespace yard::broker
