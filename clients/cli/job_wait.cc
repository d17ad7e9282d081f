#include "clients/cli/job_wait.h"

#include <algorithm>
#include <cstdio>

#include "clients/cli/follow.h"
#include "clients/cli/output.h"
#include "engine/base/text.h"

namespace yard::cli {
namespace {

constexpr Millis kWaitStep = std::chrono::seconds(20);
constexpr Millis kDrawStep = std::chrono::milliseconds(100);
constexpr int kBarWidth = 30;

// One line on stderr that is drawn over and over, and wiped in the end.
class ProgressBar {
 public:
  ProgressBar() = default;
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { std::fputs("\r\x1b[K", stderr); }

  void draw(double percent, std::string_view message) {
    const int filled = static_cast<int>(std::clamp(percent, 0.0, 100.0) / 100.0 * kBarWidth);
    std::string bar;
    for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
    std::fprintf(stderr, "\r\x1b[K%s %5.1f %%  %s", bar.c_str(), percent, printable(message, 60).c_str());
    std::fflush(stderr);
  }
};

// Draws what comes on the job's stream until `answer` is there.
Status draw_until(Follower& follower, ProgressBar& bar, client::Client::Answer& answer) {
  while (answer.wait_for(Millis(0)) != std::future_status::ready) {
    YARD_TRY(const auto event, follower.next(kDrawStep));
    if (event && event->header.kind == iopub::EventKind::kProgress) {
      bar.draw(event->view().find("percent").real_or(0), event->view().find("message").string_or(""));
    }
    if (event && ends_job(*event)) break;
  }
  return {};
}

bool has_ended(PackView waited) { return waited.find("ended").size() > 0 || waited.find("unknown").size() > 0; }

}  // namespace

Result<std::optional<client::Reply>> await_job(Context& context, client::Client& client, JobId job,
                                               std::optional<Millis> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(Millis(0));
  const bool drawing = context.is_error_terminal() && !context.json;
  Follower follower(client);
  std::optional<ProgressBar> bar;
  if (drawing) {
    YARD_TRY_STATUS(follower.follow(iopub::job_topic(job.value()), 1));
    bar.emplace().draw(0, "");
  }
  for (;;) {
    const Millis left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    const Millis step = timeout ? std::clamp(left, Millis(0), kWaitStep) : kWaitStep;
    client::Client::Answer answer = client.wait(std::span(&job, 1), true, step);
    if (bar) YARD_TRY_STATUS(draw_until(follower, *bar, answer));
    YARD_TRY(const client::Reply waited, answer.get());
    if (has_ended(waited.view())) {
      YARD_TRY(client::Reply record, get(client.status(job)));
      return record;
    }
    if (timeout && left <= kWaitStep) return std::nullopt;
  }
}

Status outcome_of(PackView record) {
  const std::string_view state = record.find("state").string_or("");
  if (state == "failed" || state == "cancelled" || state == "expired")
    return std::unexpected(client::parse_job_error(record));
  return {};
}

Result<JobId> parse_job_id(const std::string& text) {
  const auto id = parse_uuid(text.starts_with("j.") ? std::string_view(text).substr(2) : text);
  if (!id || !*id) return fail(ErrorCode::kBadRequest, "\"" + printable(text) + "\" is no job id (32 hex digits)");
  return JobId(*id);
}

}  // namespace yard::cli
