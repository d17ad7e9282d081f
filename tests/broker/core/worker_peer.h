// A remote worker as a test plays it against the harness's core: every frame by hand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"

namespace yard::broker {

// The declaration of a tool, as REGISTER carries it.
inline json declared(std::string name, json more = json::object()) {
  json tool = {{"name", std::move(name)},
               {"description", "for tests"},
               {"arguments", {{"type", "object"}}},
               {"result", {{"type", "object"}}}};
  tool.update(more);
  return tool;
}

// A tool that may begin once, and one that may be run again.
inline const json kOnce = json::array({declared("render")});
inline const json kAgain = json::array({declared("render", {{"idempotent", true}})});

// What ASSIGN said.
struct Assigned {
  JobId job;
  std::uint64_t fence = 0;
  json body;
  std::uint64_t reported = 0;  // for REGISTER and RENEW
};

class WorkerPeer {
 public:
  WorkerPeer(Harness& harness, std::string peer) : harness_(harness), peer_(std::move(peer)), id_(harness.fresh_id()) {}

  // HELLO; the session is used from then on.
  void hello() { session_ = exchange(Verb::kHello, {{"client", peer_}}).header.session; }

  // HELLO and REGISTER. Returns what REGISTER is answered.
  Reply join(json tools, std::size_t concurrency = 1, std::vector<Assigned> holding = {}) {
    hello();
    return enroll(std::move(tools), concurrency, std::move(holding));
  }
  Reply enroll(json tools, std::size_t concurrency = 1, std::vector<Assigned> holding = {}) {
    return exchange(Verb::kRegister, {{"worker", to_hex(id_)},
                                      {"name", peer_},
                                      {"concurrency", concurrency},
                                      {"resources", resources},
                                      {"tools", std::move(tools)},
                                      {"attempts", listed(holding)}});
  }
  Reply renew(std::vector<Assigned> holding = {}) { return exchange(Verb::kRenew, {{"attempts", listed(holding)}}); }
  Reply bye() { return exchange(Verb::kBye, json::object()); }

  // A report with the attempt's next number.
  void report(const Assigned& attempt, Verb verb, const json& body = json::object()) {
    report_numbered(attempt, verb, ++numbers_[attempt.fence], body);
  }
  void report_numbered(const Assigned& attempt, Verb verb, std::uint64_t number, const json& body = json::object()) {
    send({.verb = verb, .correlation = number, .id = attempt.job.value(), .session = session_, .fence = attempt.fence},
         pack(body));
  }
  void start(const Assigned& attempt) { report(attempt, Verb::kStart); }
  void succeed(const Assigned& attempt, const json& result = json::object()) {
    report(attempt, Verb::kSucceed, result);
  }
  void fail_with(const Assigned& attempt, std::string_view name) {
    report(attempt, Verb::kFail, {{"name", name}, {"message", "it failed"}});
  }

  void send(wire::Header header, BytesView body) {
    harness_.core().on_frame(harness_.now(), Lane::kWorkers, peer_, wire::encode(header, "", body));
    harness_.settle();
  }

  // What came with this verb, taken out.
  std::vector<Reply> take(Verb verb) {
    std::vector<Reply> found;
    std::erase_if(harness_.replies, [&](const Reply& reply) {
      if (reply.to.routing_id != peer_ || reply.verb() != verb) return false;
      found.push_back(reply);
      return true;
    });
    return found;
  }
  std::vector<Assigned> take_assigned() {
    std::vector<Assigned> found;
    for (const Reply& reply : take(Verb::kAssign))
      found.push_back({.job = JobId(reply.header.id), .fence = reply.header.fence, .body = reply.body});
    return found;
  }
  // The one that there must be.
  Assigned take_one() {
    const auto found = take_assigned();
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? Assigned{} : found.front();
  }

  // The next one that it is given while it renews its lease each second.
  Assigned wait_for_one() {
    for (int i = 0; i < 10; ++i) {
      harness_.advance(std::chrono::seconds(1));
      renew();
      if (const auto found = take_assigned(); !found.empty()) return found.back();
    }
    ADD_FAILURE() << "nothing was assigned to " << peer_;
    return {};
  }

  json resources = json::object();  // that it says to have

 private:
  static json listed(const std::vector<Assigned>& holding) {
    json attempts = json::array();
    for (const Assigned& attempt : holding)
      attempts.push_back(
          {{"job_id", to_hex(attempt.job.value())}, {"fence", attempt.fence}, {"reported", attempt.reported}});
    return attempts;
  }

  Reply exchange(Verb verb, const json& body) {
    constexpr std::uint64_t kFirst = 1'000'000;  // clear of reports' numbers
    const std::uint64_t correlation = kFirst + ++last_correlation_;
    send({.verb = verb, .correlation = correlation, .session = session_}, pack(body));
    auto reply = harness_.reply_to(correlation);
    EXPECT_TRUE(reply) << "no reply to " << name_of(verb);
    return reply ? *std::move(reply) : Reply{};
  }

  Harness& harness_;
  const std::string peer_;
  const Uuid id_;
  std::uint64_t session_ = 0;
  std::uint64_t last_correlation_ = 0;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // of reports, by fence
};

// A worker that runs a job.
struct Running {
  explicit Running(const json& tools, std::size_t concurrency = 1) {
    worker.join(tools, concurrency);
    id = harness.submit("render");
    attempt = worker.take_one();
    worker.start(attempt);
  }

  Harness harness;
  WorkerPeer worker{harness, "w1"};
  JobId id;
  Assigned attempt;
};

}  // namespace yard::broker
