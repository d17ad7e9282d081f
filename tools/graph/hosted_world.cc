#include "tools/graph/hosted_world.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/pack_json.h"
#include "engine/world/output_json.h"

namespace yard::tools {
namespace {

constexpr std::uint32_t kWavesASlice = 1'000;  // before it looks at what came in
constexpr std::uint32_t kEffectsShown = 256;   // of one step
constexpr Millis kKeepAgain{200};
constexpr std::int64_t kNsAMs = 1'000'000;

std::string line_of(const nlohmann::ordered_json& row) {
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

HostedWorld::HostedWorld(const WorldSurroundings& surroundings, std::filesystem::path folder, Manifest manifest,
                         Host::MakeCall make_call, std::optional<jobs::Work> load)
    : surroundings_(surroundings),
      folder_(std::move(folder)),
      manifest_(std::move(manifest)),
      reports_(surroundings.reports, surroundings.clock),
      streams_(reports_),
      calls_(manifest_, std::move(make_call)),
      load_(std::move(load)) {
  board_.put({.name = manifest_.name, .principal = manifest_.principal, .id = manifest_.id});
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

HostedWorld::~HostedWorld() {
  thread_.request_stop();
  inbox_.close();
}

// ---- the thread

void HostedWorld::run(const std::stop_token& stop) {
  stop_ = stop;
  begin();
  if (!ends_) work();
  while (!ends_ && !stop_.stop_requested()) {
    take_items();
    work();
  }
  end();
  if (storage_) (void)storage_->close();
  session_.reset();
  world_.reset();
  storage_.reset();
  if (deletes_) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  is_over_.store(true, std::memory_order_release);
  if (unloading_) {
    reports_.finished(*unloading_, Json{{"world", manifest_.name}, {"deleted", deletes_}});
    reports_.flush();
  }
}

// What it still has is answered, unless the broker takes it up again after a start.
void HostedWorld::end() {
  inbox_.shut(items_);
  const Error gone{.code = ErrorCode::kNotFound, .message = "the world " + manifest_.name + " is no longer there"};
  streams_.stop_all(gone);
  if (step_) reports_.finished(step_->job, std::unexpected(gone));
  for (const Step& step : until_answered_) reports_.finished(step.job, std::unexpected(gone));
  for (InboxItem& item : items_)
    if (auto* work = std::get_if<jobs::Work>(&item)) waiting_.push_back(std::move(*work));
  for (jobs::Work& work : waiting_) reports_.finished({.work = std::move(work), .began = {}}, std::unexpected(gone));
  if (!problem_.empty()) reports_.refuse({.code = ErrorCode::kIo, .message = problem_});
  reports_.flush();
}

void HostedWorld::begin() {
  const Status begun = [&]() -> Status {
    YARD_TRY(storage_, WorldStorage::open(folder_));
    if (!load_) return recover();
    WorldJob job = reports_.started(*std::exchange(load_, std::nullopt));
    const Status loaded = load(job.work);
    loaded ? begin_step(job, {}) : reports_.finished(job, std::unexpected(loaded.error()));
    return loaded;
  }();
  if (!begun) return failed(begun.error());
  real_base_ns_ = now().time_since_epoch().count() - world_->now_ns();
  session_.emplace(*world_);
}

Status HostedWorld::load(const jobs::Work& work) {
  const nlohmann::json arguments = to_json(PackView(work.arguments));
  if (!arguments.contains("graph") && !arguments.contains("content_hash")) {
    YARD_TRY_STATUS(recover());
    manifest_.unloaded = false;
    return storage_->put(manifest_);
  }
  deletes_ = true;  // unless all goes well
  YARD_TRY(std::string text, graph_of(arguments));
  graph::WorldOptions options{.journal = *tickets::journal_level(arguments.value("journal", "causes"))};
  if (arguments.contains("mode")) options.pull = arguments["mode"] == "pull";
  auto made = graph::World::load(std::move(text), surroundings_.kinds, options);
  if (!made) return std::unexpected(graph::to_error(made.error()));
  YARD_TRY_STATUS(storage_->put(manifest_));
  YARD_TRY_STATUS(storage_->begin(**made));
  world_ = *std::move(made);
  deletes_ = false;
  return {};
}

// What those who looked on kept up to date, nobody looks at.
Status HostedWorld::recover() {
  YARD_TRY(world_, storage_->recover(surroundings_.kinds, stop_));
  for (const std::uint32_t output : world_->looked_at())
    YARD_TRY_STATUS(world_->apply(graph::DemandCause{output, false}));
  calls_.make_again(*world_);
  return {};
}

void HostedWorld::failed(const Error& error) {
  board_.put({.name = manifest_.name,
              .principal = manifest_.principal,
              .id = manifest_.id,
              .phase = deletes_ ? WorldPhase::kUnloaded : WorldPhase::kFailed,
              .problem = to_string(error)});
  ends_ = true;
}

void HostedWorld::take_items() {
  inbox_.take(items_, due());
  for (InboxItem& item : items_) take(std::move(item));
  items_.clear();
}

void HostedWorld::take(InboxItem&& item) {
  if (auto* work = std::get_if<jobs::Work>(&item)) {
    // It may be what keeps a world from running for ever.
    if (work->tool == "graph_unload") return take_job(std::move(*work));
    waiting_.push_back(std::move(*work));
  } else if (auto* answer = std::get_if<HostAnswer>(&item)) {
    answers_.push_back(std::move(*answer));
  } else if (const auto* stop = std::get_if<StopJob>(&item)) {
    stop_job(stop->id);
  } else {
    streams_.stop_all({.code = ErrorCode::kDraining, .message = "the broker stops"});
  }
}

// While time goes on nothing else can happen.
void HostedWorld::take_answers() {
  for (; !answers_.empty() && world_->is_in_time(); answers_.pop_front()) {
    auto receipt = calls_.take(std::move(answers_.front()), now());
    if (receipt) YARD_CHECK(world_->apply(*std::move(receipt)).has_value());
  }
}

void HostedWorld::stop_job(JobId id) {
  const auto cancelled = [&](const WorldJob& job, std::string what) {
    reports_.finished(job, fail(ErrorCode::kCancelled, std::move(what)));
  };
  if (step_ && step_->job.work.id == id) {
    cancelled(step_->job, "the world goes on with what it had begun");
    step_.reset();
  }
  std::erase_if(until_answered_, [&](const Step& step) {
    if (step.job.work.id != id) return false;
    cancelled(step.job, "its calls go on");
    return true;
  });
  std::erase_if(waiting_, [&](jobs::Work& work) {
    if (work.id != id) return false;
    reports_.finished({.work = std::move(work), .began = {}}, fail(ErrorCode::kCancelled, "stopped before it began"));
    return true;
  });
  to_stop_.push_back(id);
}

// ---- at work

void HostedWorld::work() {
  if (!problem_.empty() && !keep()) return;
  go_on_in_time(!answers_.empty());
  take_answers();
  settle();
  while (world_->is_at_rest() && !ends_ && problem_.empty()) {
    for (const JobId id : std::exchange(to_stop_, {})) streams_.stop(id);
    end_steps();
    if (!step_) {
      if (waiting_.empty()) break;
      jobs::Work next = std::move(waiting_.front());
      waiting_.pop_front();
      take_job(std::move(next));
    }
    settle();
  }
  if (!keep()) return;
  calls_.retry(*world_, now());
  if (world_->is_at_rest() && !ends_) (void)storage_->compact(*world_);
  post();
}

void HostedWorld::take_job(jobs::Work&& work) {
  WorldJob job = reports_.started(std::move(work));
  // What it does happens now, unless it ends a world that is not at rest.
  go_on_in_time(true);
  while (manifest_.clock == WorldClock::kReal && !world_->is_in_time() && !stop_.stop_requested()) settle();
  auto result = done(job, to_json(PackView(job.work.arguments)));
  if (!result) return reports_.finished(job, std::unexpected(result.error()));
  if (*result) reports_.finished(job, *std::move(*result));
}

void HostedWorld::begin_step(WorldJob& job, Step step) {
  step.job = std::move(job);
  step_ = std::move(step);
}

// Runs the world for a moment.
void HostedWorld::settle() {
  const std::size_t before = world_->effects().size();
  (void)world_->settle(kWavesASlice);
  for (const graph::Effect& effect : world_->effects().subspan(before)) {
    if (effect.is_call) new_calls_.push_back(effect.intent);
    if (!step_ && until_answered_.empty()) continue;
    const std::string line = line_of(to_json(effect, world_->image()));
    const auto tell = [&](Step& step) {
      if (++step.effects <= kEffectsShown) step.told.push_back(line);
    };
    if (step_) tell(*step_);
    std::ranges::for_each(until_answered_, tell);
  }
  constexpr std::size_t kOutboxMax = std::size_t{4} << 20;
  if (world_->journal_part().bytes.size() > kOutboxMax || world_->effects().size() > kEffectsShown) (void)keep();
}

// The world is at rest: what waited for that has its result.
void HostedWorld::end_steps() {
  if (step_ && step_->advance_ns) {
    const std::int64_t ns = *std::exchange(step_->advance_ns, std::nullopt);
    YARD_CHECK(world_->apply(graph::AdvanceCause{world_->now_ns() + ns}).has_value());
    return;
  }
  if (step_) {
    Step step = *std::exchange(step_, std::nullopt);
    if (step.until_answered && !world_->open_calls().empty())
      until_answered_.push_back(std::move(step));
    else
      reports_.finished(step.job, told(step));
  }
  if (!world_->open_calls().empty()) return;
  for (const Step& step : std::exchange(until_answered_, {})) reports_.finished(step.job, told(step));
}

HostedWorld::Json HostedWorld::told(const Step& step) const {
  Json result = {{"world", manifest_.name},
                 {"event_id", world_->next_event_id()},
                 {"now_ms", static_cast<double>(world_->now_ns()) / kNsAMs},
                 {"epoch", world_->epoch()},
                 {"open_calls", world_->open_calls().size()}};
  Json effects = Json::array();
  for (const std::string& line : step.told) effects.push_back(Json::parse(line));
  if (step.effects > 0) result["effects"] = std::move(effects);
  if (step.effects > kEffectsShown) result["effects_left_out"] = step.effects - kEffectsShown;
  Json values = Json::object();
  for (const std::uint32_t output : step.outputs) append_output(values, *world_, output);
  if (!step.outputs.empty()) result["values"] = std::move(values);
  return result;
}

// A world with the broker's time is where that is.
void HostedWorld::go_on_in_time(bool to_now) {
  if (manifest_.clock != WorldClock::kReal || !world_->is_at_rest()) return;
  const std::int64_t to_ns = now().time_since_epoch().count() - real_base_ns_;
  const bool is_due = to_now || world_->next_wake_ns() <= to_ns;
  if (!is_due || to_ns <= world_->now_ns()) return;
  (void)world_->apply(graph::AdvanceCause{to_ns});
}

// ---- what came of it

// Whether all that the world has made is in its journal and on its way.
bool HostedWorld::keep() {
  if (now() < keep_again_) return false;
  if (const Status kept = storage_->keep(*world_, manifest_.synced); !kept) {
    problem_ = to_string(kept.error());
    keep_again_ = now() + kKeepAgain;
    post();
    return false;
  }
  problem_.clear();
  keep_again_ = {};
  streams_.tell(*world_, now());
  world_->clear_outbox();
  for (const Hash128& intent : std::exchange(new_calls_, {})) calls_.make(*world_, intent, false);
  reports_.flush();
  return true;
}

void HostedWorld::post() {
  WorldInfo info{.name = manifest_.name,
                 .principal = manifest_.principal,
                 .id = manifest_.id,
                 .phase = !problem_.empty()      ? WorldPhase::kStalled
                          : world_->is_at_rest() ? WorldPhase::kResting
                                                 : WorldPhase::kRunning,
                 .problem = problem_,
                 .epoch = world_->epoch(),
                 .event_id = world_->next_event_id(),
                 .now_ns = world_->now_ns()};
  const auto last = board_.get();
  const bool is_known = last->image && last->epoch == info.epoch;
  info.image = is_known ? last->image : world_->shared_image();
  info.stats = world_->get_stats();
  for (const auto& [intent, call] : world_->open_calls()) {
    if (info.calls.size() == WorldInfo::kCallsShown) break;
    const auto handle = call.node == graph::OpenCall::kGone ? std::nullopt : world_->image().handle_of(call.node);
    info.calls.push_back(
        {.job_id = job_of(manifest_, intent),
         .node = handle ? std::string(world_->image().id_of(world_->image().get_nodes()[handle->value()])) : "",
         .tool = call.tool});
  }
  board_.put(std::move(info));
}

// When it has something to do though nothing comes in.
SteadyTime HostedWorld::due() {
  if (!problem_.empty()) return keep_again_;
  if (!world_->is_at_rest()) return {};
  SteadyTime next = std::min(calls_.next_retry(), streams_.next(now()));
  if (manifest_.clock == WorldClock::kReal && world_->next_wake_ns() != graph::Wakes::kNever)
    next = std::min(next, SteadyTime(Nanos(real_base_ns_ + world_->next_wake_ns())));
  return next;
}

}  // namespace yard::tools
