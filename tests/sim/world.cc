#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "tests/sim/setting.h"
#include "tests/sim/trace.h"

namespace yard::sim {

using broker::Lane;
using jobs::Grade;
using wire::Verb;

namespace {

constexpr std::uint64_t kEpochStep = 1u << 20;  // greater than the fences of one life, as wall time is

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      random_(options.seed),
      workers_(
          random_, [this](std::string what) { broken(std::move(what)); },
          [this](std::string_view who, BytesView frame) { trace("in ", who, frame); }),
      schedules_(random_, [this](std::string what) { broken(std::move(what)); }) {
  YARD_CHECK(registry_.add(tool_of("once", false)).has_value());
  YARD_CHECK(registry_.add(tool_of("again", true)).has_value());
  YARD_CHECK(registry_.add(tool_of("heavy", false)).has_value());
  YARD_CHECK(registry_.add(tool_of("pure", true)).has_value());
  start();
}

World::~World() = default;

void World::broken(std::string what) {
  if (!broken_) broken_ = std::move(what);
}

void World::trace(std::string_view what, std::string_view who, BytesView frame) const {
  if (options_.trace) print_frame(what, who, frame);
}

// ---- the broker's life

void World::start() {
  auto log = SimLog::open(disk_, options_.canary ? SimLog::Honesty::kLiar : SimLog::Honesty::kHonest);
  if (!log) return broken("the log can't be opened: " + to_string(log.error()));
  log_ = std::make_unique<SimLog>(*std::move(log));
  epoch_ += kEpochStep;
  broker::CoreOptions options{.version = "sim", .epoch = epoch_, .executor_slots = 3};
  options.scheduling = scheduling();
  options.keeps_results = true;
  options.limits.result_inline_max = kResultInlineMax;
  options.principal_of = [](const broker::Peer& peer) { return std::string(peer.routing_id); };
  options.limits.schedule_owed_max = 100'000;  // so that nothing is dropped
  options.limits.ended_ttl = std::chrono::hours(24 * 365);
  if (forgets_early()) options.limits.ended_count_max = 5;
  core_ = std::make_unique<broker::Core>(options, registry_, random_);
  const auto last = log_->replay([&](const jobs::Record& record) {
    if (options_.trace) print_record(record);
    return core_->restore(clock_.now(), record);
  });
  if (!last) return broken("the log can't be replayed: " + to_string(last.error()));
  core_->resume(clock_.now(), *last);
  for (const std::string_view tenant : kTenants) hello(std::string(tenant));
  check_acknowledged();
  workers_.check(*core_);
  schedules_.check(*core_);
}

void World::die(Death death) {
  ++(death == Death::kKill ? tally_.kills : tally_.power_losses);
  trace(death == Death::kKill ? "kill" : "power loss", "", "");
  for (auto& [id, work] : works_) {
    late_.push_back({.id = id, .fence = work.fence, .what = jobs::Finished{.outcome = kEmptyMap}});
  }
  works_.clear();
  stopping_.clear();
  storing_.clear();
  core_.reset();
  log_.reset();
  if (death == Death::kPowerLoss) disk_.crash(random_);
  disk_.set_capacity(UINT64_MAX);
  disk_.fail_syncs(false);
  pausing_.clear();
  forget_what_may_be_lost(death);
  schedules_.broker_died();
  workers_.broker_died(
      [&](Grade grade) { return grade == Grade::kSynced || (grade == Grade::kBuffered && death == Death::kKill); });
  start();
}

// What was acknowledged with a grade that does not promise to survive this.
void World::forget_what_may_be_lost(Death death) {
  std::erase_if(known_, [&](const auto& entry) {
    const Known& known = entry.second;
    if (!known.grade) return false;
    return *known.grade == Grade::kVolatile || (death == Death::kPowerLoss && *known.grade == Grade::kBuffered);
  });
}

void World::hello(const std::string& tenant) {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).string("client", "sim");
  const Bytes frame = wire::encode({.verb = Verb::kHello}, "", body);
  trace("in ", tenant, frame);
  core_->on_frame(clock_.now(), Lane::kRequests, tenant, frame);
  settle();
}

// ---- workers

void World::work() {
  if (!late_.empty() && chance(4)) {
    core_->on_report(clock_.now(), std::move(late_.back()));
    late_.pop_back();
    return;
  }
  if (!stopping_.empty() && chance(2)) {
    core_->on_report(clock_.now(), std::move(stopping_.back()));
    stopping_.pop_back();
    return;
  }
  if (!storing_.empty() && (calm_ || chance(2))) return store();
  if (works_.empty()) return;
  auto entry = works_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(works_.size())));
  const JobId id = entry->first;
  const std::uint64_t fence = entry->second.fence;
  const auto report = [&](auto what) { core_->on_report(clock_.now(), {.id = id, .fence = fence, .what = what}); };
  switch (calm_ ? 3 : pick(9)) {
    case 0: return report(jobs::Started{});
    case 1: return report(jobs::Progressed{.percent = static_cast<double>(pick(100)), .message = "on its way"});
    case 2: return report(jobs::Chunked{.data = Bytes(pick(600), 'c')});
    case 3:
    case 4:
      report(jobs::Started{});
      report(jobs::Finished{.outcome = entry->second.tool == "pure" ? entry->second.arguments : result_of(pick(1'000)),
                            .busy = std::chrono::seconds(pick(kHeavySeconds + 1))});
      break;
    case 5:
      report(jobs::Finished{.outcome = fail(ErrorCode::kUnavailable, "not now"), .busy = std::chrono::seconds(1)});
      break;
    case 6: report(jobs::Finished{.outcome = fail(ErrorCode::kToolFailed, "never")}); break;
    case 7: report(jobs::Finished{.outcome = fail(ErrorCode::kWorkerLost, "it died")}); break;
    default: return;
  }
  works_.erase(id);
  late_.push_back({.id = id, .fence = fence, .what = jobs::Finished{.outcome = kEmptyMap}});
  if (late_.size() > 8) late_.erase(late_.begin());
}

// The store is slow and may fail; what is in it stays there.
void World::store() {
  jobs::Report report = std::move(storing_.back());
  storing_.pop_back();
  auto& end = std::get<jobs::Finished>(report.what);
  if (!calm_ && chance(6)) {
    end.outcome = fail(ErrorCode::kIo, "the store is full");
  } else {
    Bytes reference;
    PackWriter writer(reference);
    PackMap(writer).natural("content_hash", hash64(*end.outcome)).natural("size_bytes", end.outcome->size());
    stored_.insert(reference);
    end.outcome = std::move(reference);
    end.by_reference = true;
  }
  core_->on_report(clock_.now(), std::move(report));
}

// ---- the broker's outputs

void World::take(broker::Effects& effects) {
  effects.events.each([&](const broker::Everyone&, BytesView frame) { fingerprint_ = hash64(frame, fingerprint_); });
  // What began before a pause may be told after it, never the other way around.
  for (const jobs::Work& work : effects.starts) {
    trace("begins", to_hex(work.id.value()), "");
    check_not_paused(work);
    check_bound(work);
    schedules_.on_start(work);
  }
  effects.replies.each([&](const broker::Peer& peer, BytesView frame) {
    fingerprint_ = hash64(frame, fingerprint_);
    trace("out", peer.routing_id, frame);
    peer.lane == Lane::kWorkers ? workers_.receive(peer.routing_id, frame)
                                : receive(std::string(peer.routing_id), frame);
  });
  for (jobs::Work& work : effects.starts) {
    if (works_.contains(work.id)) broken("job " + to_hex(work.id.value()) + " runs twice at the same time");
    works_[work.id] = std::move(work);
  }
  schedules_.ask(std::exchange(effects.questions, {}));
  for (jobs::Report& report : effects.keeps) storing_.push_back(std::move(report));
  for (const JobId id : effects.stops) {
    const auto entry = works_.find(id);
    if (entry == works_.end() || chance(3)) continue;  // some never look
    const std::uint64_t fence = entry->second.fence;
    works_.erase(entry);
    stopping_.push_back(
        {.id = id, .fence = fence, .what = jobs::Finished{.outcome = fail(ErrorCode::kCancelled, "stopped")}});
  }
}

void World::settle() {
  for (;;) {
    broker::Outputs out;
    core_->flush(clock_.now(), out);
    if (out.empty()) return;
    if (!out.records.empty()) log_->append(epoch_, out.records, out.last);
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    take(out.effects);
  }
}

// ---- the play

// The faults stop; everything comes to an end.
void World::calm_down() {
  calm_ = true;
  workers_.calm();
  disk_.set_capacity(UINT64_MAX);
  disk_.fail_syncs(false);
  resume_everything();
  for (int turn = 0; turn < 20'000 && !broken_; ++turn) {
    const bool idle = core_->jobs().live() == 0 && network_.empty() && schedules_.settled(*core_);
    if (idle && !log_->step()) return;
    deliver();
    work();
    log_->step();
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    clock_.advance(Millis(20));
    core_->on_tick(clock_.now());
    workers_.act(*core_, clock_.now());
    workers_.tick(*core_, clock_.now());
    schedules_.answer(*core_, clock_.now());
    settle();
  }
  if (core_->jobs().live() > 0) broken(std::to_string(core_->jobs().live()) + " jobs never end");
}

void World::step() {
  switch (pick(16)) {
    case 0:
    case 1:
    case 2: act(); break;
    case 3:
    case 4: deliver(); break;
    case 5:
    case 6: work(); break;
    case 7:
    case 8: log_->step(); break;
    case 9:
      clock_.advance(Millis(pick(1'500)));
      if (chance(10)) clock_.step_wall(std::chrono::seconds(pick(7'200)) - std::chrono::hours(1));
      core_->on_tick(clock_.now());
      workers_.tick(*core_, clock_.now());
      break;
    case 10:
      if (chance(4)) {
        ++tally_.full_disks;
        disk_.set_capacity(chance(2) ? 1 : UINT64_MAX);
      }
      if (chance(30)) disk_.fail_syncs(true);
      break;
    case 11:
      if (chance(3)) administer();
      break;
    case 12:
    case 13:
    case 14: workers_.act(*core_, clock_.now()); break;
    default:
      if (chance(6)) die(chance(2) ? Death::kKill : Death::kPowerLoss);
  }
}

std::optional<std::string> World::run() {
  for (int i = 0; i < options_.steps && !broken_; ++i) {
    step();
    if (broken_) break;
    if (chance(2)) schedules_.answer(*core_, clock_.now());
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    settle();
    check_limits();
    // The broker ends itself where its disk failed; what was written and not synced is anybody's guess.
    if (!core_->fatal().empty()) die(Death::kPowerLoss);
    check_trees();
    check_batches();
    check_keys();
  }
  if (!broken_) calm_down();
  if (!broken_) check_end();
  if (!broken_) check_log();
  return broken_;
}

}  // namespace yard::sim
