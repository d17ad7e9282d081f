#include "tests/sim/sim_workers.h"

#include <algorithm>

#include "engine/base/little_endian.h"
#include "engine/base/pack.h"
#include "tests/sim/setting.h"

namespace yard::sim {

using broker::Core;
using broker::Lane;
using wire::Verb;

namespace {

constexpr std::size_t kWorkers = 3;
constexpr Millis kRenew{1'000};
constexpr Millis kSilence{3'000};
constexpr std::uint64_t kMemory = 10;       // that each has
constexpr std::uint64_t kMemoryOfOne = 6;   // and one job of kAgain takes: less than its two places would
constexpr std::uint64_t kOwn = 1ull << 40;  // correlation of what is no report

void write_tool(PackArray& tools, std::string_view name, bool idempotent) {
  PackMap tool = tools.map();
  tool.string("name", name).string("description", "for the simulator").boolean("idempotent", idempotent);
  if (idempotent) tool.map("resources").natural("memory", kMemoryOfOne);
}

}  // namespace

SimWorkers::SimWorkers(SeededRandom& random, OnBroken on_broken, OnFrame on_frame)
    : random_(random), on_broken_(std::move(on_broken)), on_frame_(std::move(on_frame)), workers_(kWorkers) {
  for (std::size_t i = 0; i < kWorkers; ++i) workers_[i].name = "worker " + std::to_string(i);
}

Bytes SimWorkers::chunk_of(std::uint64_t fence, std::uint64_t place) {
  Bytes bytes(2 * sizeof fence, '\0');
  store_le(bytes.data(), fence);
  store_le(bytes.data() + sizeof fence, place);
  return bytes;
}

bool SimWorkers::is_in_order(BytesView earlier, BytesView later) {
  const auto order_of = [](BytesView chunk) {
    return std::pair(load_le<std::uint64_t>(chunk, 0), load_le<std::uint64_t>(chunk, sizeof(std::uint64_t)));
  };
  return earlier.empty() || order_of(earlier) < order_of(later);
}

// ---- the life of a worker

void SimWorkers::be_born(Worker& worker, Now now) {
  worker.alive = true;
  worker.cut_off = false;
  worker.id = make_uuid(random_);
  worker.held.clear();
  say_hello(worker, now);
}

// On a new connection: what was on its way is lost, and what is still sent to the old one.
void SimWorkers::say_hello(Worker& worker, Now now) {
  worker.peer = worker.name + " on connection " + std::to_string(++connections_);
  worker.inbox.clear();
  worker.outbox.clear();
  worker.session = 0;
  worker.heard = now.steady;
  worker.renew_at = now.steady + kRenew;
  send(worker, {.verb = Verb::kHello, .correlation = kOwn},
       pack_map([&](PackMap& map) { map.string("client", "sim"); }));
}

void SimWorkers::send(Worker& worker, wire::Header header, BytesView body) {
  header.session = worker.session;
  if (!worker.cut_off) worker.outbox.push_back(wire::encode(header, "", body));
}

void SimWorkers::write_attempts(PackMap& map, const Worker& worker) {
  PackArray attempts = map.array("attempts");
  for (const auto& [fence, attempt] : worker.held)
    attempts.map()
        .string("job_id", to_hex(attempt.job.value()))
        .natural("fence", fence)
        .natural("reported", attempt.reported);
}

void SimWorkers::enroll(Worker& worker) {
  const Bytes body = pack_map([&](PackMap& map) {
    map.string("worker", to_hex(worker.id)).string("name", worker.name).natural("concurrency", 2);
    map.map("resources").natural("memory", kMemory);
    {
      PackArray tools = map.array("tools");
      write_tool(tools, kOnce, false);
      write_tool(tools, kAgain, true);
    }
    write_attempts(map, worker);
  });
  tally_.claimed += static_cast<int>(worker.held.size());
  send(worker, {.verb = Verb::kRegister, .correlation = kOwn}, body);
  resend(worker);
}

void SimWorkers::renew(Worker& worker, Now now) {
  worker.renew_at = now.steady + kRenew;
  const Bytes body = pack_map([&](PackMap& map) { write_attempts(map, worker); });
  send(worker, {.verb = Verb::kRenew, .correlation = kOwn}, body);
  resend(worker);
}

void SimWorkers::resend(Worker& worker) {
  for (const auto& [fence, attempt] : worker.held) {
    for (const Kept& kept : attempt.kept)
      send(worker, {.verb = kept.verb, .correlation = kept.number, .id = attempt.job.value(), .fence = fence},
           kept.body);
  }
}

void SimWorkers::act(Core& core, Now now) {
  Worker& worker = workers_[pick(kWorkers)];
  if (!worker.alive) return be_born(worker, now);
  if (!calm_ && chance(60)) {
    worker.alive = false;
    return;
  }
  if (!calm_ && chance(40)) worker.cut_off = true;
  if (worker.cut_off && (calm_ || chance(8))) worker.cut_off = false;
  switch (pick(4)) {
    case 0: return deliver(worker, core, now);
    case 1: return read(worker, core, now);
    case 2: return handle(worker);
    default:
      if (!calm_ && chance(10)) lie(worker);
  }
}

void SimWorkers::tick(Core& core, Now now) {
  for (Worker& worker : workers_) {
    if (!worker.alive) continue;
    if (now.steady - worker.heard > kSilence) say_hello(worker, now);
    if (worker.session != 0 && now.steady >= worker.renew_at) renew(worker, now);
    if (!calm_ && chance(3)) continue;
    deliver(worker, core, now);
    read(worker, core, now);
    if (calm_) handle(worker);
  }
}

void SimWorkers::broker_died(const std::function<bool(jobs::Grade)>& survives) {
  for (Worker& worker : workers_) {
    worker.inbox.clear();
    worker.outbox.clear();
  }
  const auto lost = [&](JobId id) { return !survives(grades_[id]); };
  std::erase_if(begun_, [&](const auto& entry) { return lost(entry.first); });
  std::erase_if(acknowledged_, lost);
}

// ---- frames

void SimWorkers::deliver(Worker& worker, Core& core, Now now) {
  std::deque<Bytes> frames = std::exchange(worker.outbox, {});
  if (worker.cut_off) return;
  for (const Bytes& frame : frames) {
    on_frame_(worker.peer, frame);
    core.on_frame(now, Lane::kWorkers, worker.peer, frame);
  }
}

void SimWorkers::receive(BytesView routing_id, BytesView frame) {
  for (Worker& worker : workers_) {
    if (worker.peer == routing_id && worker.alive && !worker.cut_off) worker.inbox.emplace_back(frame);
  }
}

void SimWorkers::read(Worker& worker, const Core& core, Now now) {
  for (const Bytes& frame : std::exchange(worker.inbox, {})) {
    const auto message = wire::decode(frame);
    if (!message) return on_broken_("a worker got what is no message");
    worker.heard = now.steady;
    const std::uint64_t fence = message->header.fence;
    const auto held = worker.held.find(fence);
    switch (message->header.verb) {
      case Verb::kWelcome:
        worker.session = message->header.session;
        enroll(worker);
        break;
      case Verb::kAssign: on_assign(worker, *message); break;
      case Verb::kAck: on_ack(worker, *message, core); break;
      case Verb::kStop:
        if (held != worker.held.end()) held->second.stopped = !chance(3);  // some never look
        break;
      case Verb::kRevoke:
        if (held == worker.held.end()) break;
        tally_.revoked += !std::exchange(held->second.revoked, true);
        held->second.kept.clear();
        if (!held->second.begun) held->second.over = true;
        forget_if_over(worker, fence);
        break;
      case Verb::kNack:
        if (PackView(message->body).find("name").string_or("") == "no_session") return say_hello(worker, now);
        break;
      default: break;
    }
  }
}

void SimWorkers::on_assign(Worker& worker, const wire::Message& message) {
  const JobId job(message.header.id);
  ++tally_.assigned;
  if (!fences_.insert(message.header.fence).second)
    on_broken_("fence " + std::to_string(message.header.fence) + " was given out twice");
  Attempt& attempt = worker.held[message.header.fence];
  attempt.job = job;
  attempt.once = PackView(message.body).find("once").boolean_or(false);
  attempt.tool = message.tool;
  check_resources(worker);
}

// Of what runs, and of what may still begin.
void SimWorkers::check_resources(const Worker& worker) const {
  const auto takes = [](const auto& held) { return !held.second.over && held.second.tool == kAgain; };
  if (kMemoryOfOne * static_cast<std::uint64_t>(std::ranges::count_if(worker.held, takes)) > kMemory)
    on_broken_(worker.name + " was given more than it has the memory for");
}

void SimWorkers::on_ack(Worker& worker, const wire::Message& message, const Core& core) {
  const auto held = worker.held.find(message.header.fence);
  if (held == worker.held.end()) return;
  Attempt& attempt = held->second;
  const std::uint64_t number = message.header.correlation;
  const jobs::Job* job = core.jobs().find(attempt.job);
  if (job != nullptr) grades_[attempt.job] = job->grade;
  while (!attempt.kept.empty() && attempt.kept.front().number <= number) {
    if (attempt.kept.front().verb == Verb::kSucceed) {
      ++tally_.acknowledged;
      acknowledged_.insert(attempt.job);
    }
    attempt.kept.pop_front();
  }
  attempt.reported = std::max(attempt.reported, number);
  if (attempt.once && !attempt.begun && !attempt.revoked) begin(attempt);
  forget_if_over(worker, message.header.fence);
}

// ---- handlers

void SimWorkers::begin(Attempt& attempt) {
  attempt.begun = true;
  // A volatile job may be forgotten, or purged, without a trace, and sent again.
  const bool may_return = grades_[attempt.job] == jobs::Grade::kVolatile;
  if (attempt.once && ++begun_[attempt.job] > 1 && !may_return)
    on_broken_("job " + to_hex(attempt.job.value()) + ", which may run once, has begun twice");
}

void SimWorkers::report(Worker& worker, std::uint64_t fence, Attempt& attempt, Verb verb, BytesView body) {
  if (attempt.revoked) return;
  attempt.kept.push_back({.number = ++attempt.last, .verb = verb, .body = Bytes(body)});
  if (worker.session == 0) return;
  send(worker, {.verb = verb, .correlation = attempt.last, .id = attempt.job.value(), .fence = fence}, body);
}

void SimWorkers::handle(Worker& worker) {
  if (worker.held.empty()) return;
  auto held = worker.held.begin();
  std::advance(held, static_cast<std::ptrdiff_t>(pick(worker.held.size())));
  const std::uint64_t fence = held->first;
  Attempt& attempt = held->second;
  if (attempt.over) return;
  if (attempt.last == 0 && !attempt.revoked) {
    if (!calm_ && chance(4)) return;  // not yet
    report(worker, fence, attempt, Verb::kStart, kEmptyMap);
    if (!attempt.once) begin(attempt);
    return;
  }
  if (attempt.begun) run(worker, fence, attempt);
}

void SimWorkers::run(Worker& worker, std::uint64_t fence, Attempt& attempt) {
  const auto finish = [&](Verb verb, BytesView body) {
    report(worker, fence, attempt, verb, body);
    attempt.over = true;
    forget_if_over(worker, fence);
  };
  const auto fail_as = [&](std::string_view name) {
    finish(Verb::kFail, pack_map([&](PackMap& map) { map.string("name", name).string("message", "simulated"); }));
  };
  if (attempt.stopped || attempt.revoked) return fail_as("cancelled");
  switch (calm_ ? 0 : pick(8)) {
    case 0:
    case 1: return finish(Verb::kSucceed, result_of(pick(1'000)));
    case 2: return fail_as("unavailable");
    case 3: return fail_as("tool_failed");
    case 4:
      return report(worker, fence, attempt, Verb::kProgress, pack_map([](PackMap& map) { map.real("percent", 50); }));
    case 5:
    case 6: {
      const Bytes data = chunk_of(fence, ++attempt.chunks);
      return report(worker, fence, attempt, Verb::kChunk, pack_map([&](PackMap& map) { map.binary("data", data); }));
    }
    default: return;  // slow
  }
}

void SimWorkers::forget_if_over(Worker& worker, std::uint64_t fence) {
  const auto held = worker.held.find(fence);
  if (held != worker.held.end() && held->second.over && held->second.kept.empty()) worker.held.erase(held);
}

// Reports the end of an attempt that another worker has, or of none.
void SimWorkers::lie(Worker& worker) {
  const Worker& other = workers_[pick(kWorkers)];
  if (&other == &worker || other.held.empty()) return;
  const auto& [fence, attempt] = *other.held.begin();
  const bool wrong_fence = chance(2);
  send(worker,
       {.verb = Verb::kSucceed,
        .correlation = 1 + pick(4),
        .id = attempt.job.value(),
        .fence = wrong_fence ? fence + 1 : fence},
       kEmptyMap);
}

// ---- what must hold

void SimWorkers::check(const Core& core) {
  for (const JobId id : acknowledged_) {
    // A volatile job may be forgotten without a trace, and sent again.
    const bool may_return = grades_[id] == jobs::Grade::kVolatile;
    if (core.jobs().end_of(id) != jobs::JobState::kSucceeded && !may_return)
      on_broken_("the result of job " + to_hex(id.value()) + " was acknowledged and is lost");
  }
}

}  // namespace yard::sim
