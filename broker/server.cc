#include "broker/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

#include "broker/calendar.h"
#include "broker/endpoints.h"
#include "broker/socket.h"
#include "engine/base/check.h"
#include "jobs/executors/inline.h"
#include "jobs/executors/process/process_executor.h"
#include "jobs/executors/thread_pool.h"

namespace yard::broker {
namespace {

// Frames taken from a socket before the other inputs get their turn.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kReportsMax = 4'096;
constexpr std::size_t kHostSlots = 4'096;  // they cost memory only
constexpr Millis kOutboxRetry{2};
constexpr Millis kLogRetry{100};
constexpr Millis kSleepMax = std::chrono::seconds(1);

// Before it closes: how long it must be quiet, and how long it goes on at most.
constexpr Millis kCloseQuiet{100};
constexpr Millis kCloseMax{1'000};

std::size_t threads_of(const Config& config) {
  return config.threads.value_or(std::max<std::size_t>(2, std::thread::hardware_concurrency()));
}

jobs::Runner runner_of(const tools::Registry& registry) {
  return [&registry](const jobs::Work& work, jobs::JobContext& context, PackWriter& result) -> Status {
    const tools::Tool* tool = registry.find(work.tool);
    const auto* handler = tool ? std::get_if<tools::JobHandler>(&tool->spec.handler) : nullptr;
    if (handler == nullptr) return fail(ErrorCode::kUnknownTool, "no job tool " + work.tool);
    return (*handler)(PackView(work.arguments), context, result);
  };
}

jobs::CommandOf command_of(const tools::Registry& registry) {
  return [&registry](std::string_view name) -> const jobs::CommandSpec* {
    const tools::Tool* tool = registry.find(name);
    const auto* handler = tool ? std::get_if<tools::CommandHandler>(&tool->spec.handler) : nullptr;
    return handler ? &handler->command : nullptr;
  };
}

void log_line(const LogLine& line) {
  spdlog::log(line.level == "error"  ? spdlog::level::err
              : line.level == "warn" ? spdlog::level::warn
                                     : spdlog::level::info,
              "{}", line.message);
}

}  // namespace

Server::Server(ServerOptions options, const tools::Registry& registry, jobs::JobLog& log, const Clock& clock)
    : options_(std::move(options)),
      registry_(registry),
      log_(log),
      clock_(clock),
      command_of_(command_of(registry)),
      reports_(kReportsMax, [this] { reports_ready_.signal(); }),
      host_calls_([this] { reports_ready_.signal(); }),
      context_(1),
      requests_{Lane::kRequests, make_socket(context_, SocketRole::kRouter), Outbox()},
      control_{Lane::kControl, make_socket(context_, SocketRole::kRouter), Outbox()},
      workers_{Lane::kWorkers, make_socket(context_, SocketRole::kRouter), Outbox()},
      iopub_(make_socket(context_, SocketRole::kPublisher)) {}

Server::~Server() {
  reports_.close();
  if (options_.host != nullptr) options_.host->close();
}

Result<Endpoints> Server::open() {
  const Config& config = options_.config;
  const auto open_one = [](zmq::socket_t& socket, const std::string& endpoint) -> Result<std::string> {
    YARD_TRY_STATUS(prepare_endpoint(endpoint));
    return bind_socket(socket, endpoint);
  };
  Endpoints endpoints;
  YARD_TRY(endpoints.requests, open_one(requests_.socket, config.requests));
  YARD_TRY(endpoints.control, open_one(control_.socket, config.control));
  YARD_TRY(endpoints.workers,
           open_one(workers_.socket, config.workers.empty() ? workers_beside(config.requests) : config.workers));
  YARD_TRY(endpoints.iopub, open_one(iopub_, config.iopub));
  for (const zmq::socket_t* socket : {&control_.socket, &workers_.socket, &requests_.socket, &iopub_})
    poller_.add(socket->get(zmq::sockopt::fd));
  poller_.add(reports_ready_.fd());
  if (log_.wake_fd() >= 0) poller_.add(log_.wake_fd());
  stop_fd_ = options_.stop_fd;
  if (stop_fd_ >= 0) poller_.add(stop_fd_);
  epoch_ = std::max(to_ns(clock_.now().wall), log_.last_epoch() + 1);
  const std::size_t threads = threads_of(config);
  const std::size_t processes =
      config.processes.value_or(std::max<std::size_t>(2, std::thread::hardware_concurrency()));
  core_ = std::make_unique<Core>(CoreOptions{.limits = config.limits,
                                             .version = options_.version,
                                             .epoch = epoch_,
                                             .iopub_endpoint = endpoints.iopub,
                                             .control_endpoint = endpoints.control,
                                             .workers_endpoint = endpoints.workers,
                                             .executor_slots = std::max<std::size_t>(1, threads),
                                             .process_slots = processes,
                                             .host_slots = kHostSlots,
                                             .strongest = log_.strongest(),
                                             .keeps_results = static_cast<bool>(options_.store_result),
                                             .scheduling = config.scheduling},
                                 registry_, random_);
  YARD_TRY_STATUS(restore());
  if (options_.store_result) keeper_ = std::make_unique<jobs::ResultKeeper>(options_.store_result, reports_);
  if (threads > 0) {
    executor_ = std::make_unique<jobs::ThreadPool>(threads, runner_of(registry_), reports_, clock_);
  } else {
    const auto on_report = [this](jobs::Report&& report) { core_->on_report(clock_.now(), std::move(report)); };
    executor_ = std::make_unique<jobs::InlineExecutor>(runner_of(registry_), on_report, clock_);
  }
  if (std::ranges::any_of(registry_.list(),
                          [&](const tools::Tool* tool) { return command_of_(tool->spec.name) != nullptr; }))
    processes_ = std::make_unique<jobs::ProcessExecutor>(processes, command_of_, reports_, clock_);
  if (options_.host != nullptr)
    options_.host->open(reports_, [this](tools::HostCall&& call) { host_calls_.push(std::move(call)); });
  return endpoints;
}

Status Server::restore() {
  const Now began = clock_.now();
  YARD_TRY(const jobs::LogPosition last,
           log_.replay([&](const jobs::Record& record) { return core_->restore(began, record); }));
  core_->resume(began, last);
  if (last == 0) return {};
  const auto took = std::chrono::duration_cast<Millis>(clock_.now().steady - began.steady);
  spdlog::info("log replayed records={} jobs={} live={} took_ms={}", last, core_->jobs().size(), core_->jobs().live(),
               took.count());
  return {};
}

// ---- inputs

bool Server::take_frames(Front& front, std::size_t most) {
  zmq::message_t routing_id;
  zmq::message_t frame;
  for (std::size_t taken = 0; taken < most; ++taken) {
    if (!receive(front.socket, routing_id)) return taken > 0;
    // A ROUTER hands out whole messages: the parts behind the routing id are there already.
    std::size_t parts = 0;
    bool more = routing_id.more();
    while (more && receive(front.socket, frame)) {
      more = frame.more();
      ++parts;
    }
    // What has several parts is no message of this protocol; an empty frame gets the refusal it deserves.
    const BytesView bytes = parts == 1 ? BytesView(static_cast<const char*>(frame.data()), frame.size()) : BytesView();
    core_->on_frame(now_, front.lane, {static_cast<const char*>(routing_id.data()), routing_id.size()}, bytes);
  }
  return true;
}

// What workers report is written first, as what the executors report. While that finds no room they wait, and
// their silence is not theirs.
bool Server::take_worker_frames() {
  if (!log_.congested()) return take_frames(workers_, kBatch);
  core_->on_workers_unheard(now_);
  return false;
}

bool Server::take_subscriptions() {
  zmq::message_t message;
  std::size_t taken = 0;
  while (taken < kBatch && receive(iopub_, message)) {
    // Subscribers can send any message upstream; only single frames can be subscriptions.
    if (!message.more()) core_->on_subscription(now_, {static_cast<const char*>(message.data()), message.size()});
    ++taken;
  }
  return taken > 0;
}

bool Server::take_reports() {
  // What reports say is written first. While that finds no room, they wait in their queue, and who reports waits.
  if (log_.congested()) return false;
  reports_.drain(taken_reports_);
  for (jobs::Report& report : taken_reports_) core_->on_report(now_, std::move(report));
  return !taken_reports_.empty();
}

bool Server::take_host_calls() {
  if (log_.congested()) return false;
  host_calls_.drain(taken_calls_);
  for (const tools::HostCall& call : taken_calls_) core_->on_host_call(now_, call);
  return !taken_calls_.empty();
}

bool Server::take_commits() {
  log_.completions(commits_);
  if (commits_.empty()) return false;
  for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
  tell_of_log(commits_.back().outcome == jobs::CommitOutcome::kFull);
  return true;
}

void Server::tell_of_log(bool full) {
  if (full && !log_full_)
    spdlog::error("log full: free space below {}; new jobs are refused until then", options_.config.state.string());
  if (!full && log_full_) spdlog::info("log has space again");
  log_full_ = full;
  if (const std::string trouble = log_.take_trouble(); !trouble.empty()) spdlog::warn("log trouble {}", trouble);
}

// Space may come back at any time.
void Server::retry_log() {
  if (!log_full_ || now_.steady < next_log_retry_) return;
  next_log_retry_ = now_.steady + kLogRetry;
  log_.retry();
}

bool Server::tick() {
  if (now_.steady < core_->next_tick()) return false;
  core_->on_tick(now_);
  return true;
}

// ---- outputs

// Until the core has nothing more to say. Whether it said anything.
bool Server::settle() {
  for (bool said = false;; said = true) {
    core_->flush(now_, outputs_);
    if (outputs_.empty()) return said;
    if (!outputs_.records.empty()) {
      log_.append(epoch_, outputs_.records, outputs_.last);
      take_commits();
    }
    perform(outputs_.effects);
    outputs_.effects.clear();
    outputs_.records.clear();
  }
}

void Server::perform(Effects& effects) {
  effects.events.each([&](const Everyone&, BytesView frame) { publish(iopub_, frame); });
  effects.replies.each([&](const Peer& peer, BytesView frame) { send(front_of(peer.lane), peer.routing_id, frame); });
  for (const LogLine& line : effects.logs) log_line(line);
  for (const InstantsQuestion& question : effects.questions) core_->on_instants(now_, answer(question));
  for (const JobId id : effects.stops) {
    executor_->stop(id);
    if (processes_) processes_->stop(id);
    if (options_.host != nullptr) options_.host->stop(id);
  }
  for (tools::HostAnswer& answer : effects.answers) options_.host->answer(std::move(answer));
  if (!effects.keeps.empty()) keeper_->keep(effects.keeps);
  start(effects.starts);
}

void Server::start(std::vector<jobs::Work>& work) {
  if (processes_ || options_.host != nullptr) {
    for (jobs::Work& one : std::exchange(work, {})) {
      const tools::Tool* tool = registry_.find(one.tool);
      const bool is_hosted = tool != nullptr && std::holds_alternative<tools::HostedHandler>(tool->spec.handler);
      (is_hosted ? hosted_ : command_of_(one.tool) != nullptr ? commands_ : work).push_back(std::move(one));
    }
  }
  if (!hosted_.empty()) options_.host->start(hosted_);
  if (!commands_.empty()) processes_->start(commands_);
  if (!work.empty()) executor_->start(work);
}

void Server::send(Front& front, BytesView routing_id, BytesView frame) {
  if (!front.outbox.holds(routing_id)) {
    switch (send_to(front.socket, routing_id, frame)) {
      case Sent::kSent: return;
      case Sent::kUnreachable: ++unreachable_; return;
      case Sent::kFull: break;
    }
  }
  front.outbox.put(routing_id, frame);
}

Server::Front& Server::front_of(Lane lane) {
  switch (lane) {
    case Lane::kControl: return control_;
    case Lane::kWorkers: return workers_;
    case Lane::kRequests: break;
  }
  return requests_;
}

bool Server::owes_replies() {
  return std::ranges::any_of(fronts(), [](const Front* front) { return !front->outbox.empty(); });
}

void Server::retry_outboxes() {
  for (Front* front : fronts()) {
    front->outbox.flush([&](BytesView routing_id, BytesView frame) {
      return send_to(front->socket, routing_id, frame) != Sent::kFull;
    });
  }
  std::uint64_t dropped = 0;
  for (const Front* front : fronts()) dropped += front->outbox.dropped();
  if (dropped > outbox_dropped_logged_) {
    spdlog::warn("replies dropped count={} reason=peer_does_not_read", dropped - outbox_dropped_logged_);
    outbox_dropped_logged_ = dropped;
  }
}

// ---- the loop

void Server::sleep() {
  if (!log_.congested() && !reports_.prepare_to_wait()) return;
  if (!log_.prepare_to_wait()) return;
  const SteadyTime due = core_->next_tick();
  Nanos left = due == SteadyTime::max() ? Nanos(kSleepMax)
                                        : std::clamp<Nanos>(due - clock_.now().steady, Nanos(0), Nanos(kSleepMax));
  if (owes_replies()) left = std::min<Nanos>(left, kOutboxRetry);
  if (log_full_) left = std::min<Nanos>(left, kLogRetry);
  if (closing_since_ != SteadyTime{}) left = std::min<Nanos>(left, kCloseQuiet / 4);
  poller_.wait(left);
  if (poller_.ready(reports_ready_.fd())) reports_ready_.clear();
  if (poller_.ready(log_.wake_fd())) log_.clear_wake();
  if (stop_fd_ >= 0 && poller_.ready(stop_fd_)) {
    poller_.remove(stop_fd_);
    stop_fd_ = -1;
    spdlog::info("broker drains reason=signal");
    core_->drain(clock_.now());
  }
}

// Drained, and nobody has asked for anything for a moment: what was sent before the end still gets its
// refusal, instead of silence.
bool Server::closed(bool busy) {
  if (!core_->drained(now_)) return false;
  if (closing_since_ == SteadyTime{}) closing_since_ = quiet_since_ = now_.steady;
  if (busy) quiet_since_ = now_.steady;
  return now_.steady - quiet_since_ >= kCloseQuiet || now_.steady - closing_since_ >= kCloseMax;
}

Status Server::run() {
  for (;;) {
    now_ = clock_.now();
    // The control lane is emptied first at every wake; a full one doesn't keep the others waiting for good.
    bool busy = take_frames(control_, kBatch);
    retry_log();
    busy = take_commits() || busy;
    busy = take_reports() || busy;
    busy = take_host_calls() || busy;
    busy = take_worker_frames() || busy;
    busy = take_frames(requests_, kBatch) || busy;
    busy = take_subscriptions() || busy;
    busy = tick() || busy;
    busy = settle() || busy;
    if (owes_replies()) {
      retry_outboxes();
      busy = busy || !owes_replies();
    }
    if (core_->draining() && !told_host_to_drain_) {
      told_host_to_drain_ = true;
      if (options_.host != nullptr) options_.host->drain();
    }
    if (!core_->fatal().empty()) return fail(ErrorCode::kInternal, core_->fatal());
    if (closed(busy)) return {};
    if (!busy) sleep();
  }
}

}  // namespace yard::broker
