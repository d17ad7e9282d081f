#include "tests/support/broker_fixture.h"

#include <spdlog/spdlog.h>

#include <semaphore>
#include <stop_token>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"

namespace yard::testing {
namespace {

using tools::ToolKind;

constexpr const char* kAnything = R"({"type": "object"})";

tools::ToolSpec echo_tool() {
  return {
      .name = "echo",
      .description = "Returns its text, so many times over.",
      .arguments =
          R"({"type": "object", "properties": {"text": {"type": "string", "maxLength": 65536}, "times": {"type": "integer", "minimum": 1, "maximum": 4096}}, "required": ["text"], "additionalProperties": false})",
      .result = kAnything,
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .handler = tools::ImmediateHandler([](PackView arguments, tools::InlineContext&, PackWriter& result) -> Status {
        result.map(1);
        result.string("text");
        const std::string_view text = arguments.find("text").string_or("");
        const std::int64_t times = arguments.find("times").integer_or(1);
        if (times == 1) {
          result.string(text);
          return {};
        }
        std::string all;
        for (std::int64_t i = 0; i < times; ++i) all += text;
        result.string(all);
        return {};
      })};
}

tools::ToolSpec touch_tool() {
  return {.name = "touch",
          .description = "Sets the value \"touched\".",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kAck,
          .handler = tools::AckHandler{.act = [](PackView arguments, tools::InlineContext& context) -> Status {
            context.set_value("touched", arguments.bytes());
            return {};
          }}};
}

// Waits for its stop without looking at a clock.
tools::ToolSpec hold_tool() {
  return {.name = "hold",
          .description = "Runs until it is stopped.",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kJob,
          .handler = tools::JobHandler([](PackView, jobs::JobContext& context, PackWriter&) -> Status {
            context.progress(50, "holding");
            std::binary_semaphore stopped{0};
            const std::stop_callback on_stop(context.stop(), [&] { stopped.release(); });
            stopped.acquire();
            return fail(ErrorCode::kCancelled, "stopped");
          })};
}

tools::ToolSpec noop_tool(std::string name, jobs::Grade grade) {
  return {.name = std::move(name),
          .description = "Does nothing.",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kJob,
          .idempotent = true,
          .grade = grade,
          .handler = tools::JobHandler([](PackView, jobs::JobContext&, PackWriter& result) -> Status {
            result.map(0);
            return {};
          })};
}

tools::ToolSpec stream_tool() {
  return {.name = "stream",
          .description = "Publishes chunks.",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kJob,
          .streams = true,
          .handler = tools::JobHandler([](PackView arguments, jobs::JobContext& context, PackWriter& result) -> Status {
            const Bytes chunk(static_cast<std::size_t>(arguments.find("bytes").integer_or(64)), 'x');
            const std::int64_t count = arguments.find("count").integer_or(1);
            for (std::int64_t i = 0; i < count && !context.stop().stop_requested(); ++i) context.chunk(chunk);
            result.map(0);
            return {};
          })};
}

}  // namespace

BrokerFixture::BrokerFixture(const Options& options) {
  spdlog::set_level(spdlog::level::err);
  for (tools::ToolSpec spec : {echo_tool(), touch_tool(), noop_tool("noop", jobs::Grade::kSynced),
                               noop_tool("noop_buffered", jobs::Grade::kBuffered), stream_tool(), hold_tool()})
    YARD_CHECK(registry_.add(std::move(spec)).has_value());
  broker::Config config = broker::default_config();
  config.limits = options.limits;
  config.threads = options.threads;
  if (options.transport == "ipc") {
    const std::string below = "ipc://" + folder_.emplace().path().string();
    config.requests = below + "/requests";
    config.iopub = below + "/iopub";
    config.control = below + "/control";
  } else if (!options.at.requests.empty()) {
    config.requests = options.at.requests;
    config.iopub = options.at.iopub;
    config.control = options.at.control;
    config.workers = options.at.workers;
  } else {
    config.requests = config.iopub = config.control = "tcp://127.0.0.1:*";
  }
  server_ = std::make_unique<broker::Server>(
      broker::ServerOptions{.config = config, .version = "bench", .stop_fd = stop_.fd()}, registry_,
      options.log != nullptr ? *options.log : log_, clock_);
  auto opened = server_->open();
  YARD_CHECK(opened.has_value());
  endpoints_ = *opened;
  thread_ = std::jthread([this] { YARD_CHECK(server_->run().has_value()); });
}

BrokerFixture::~BrokerFixture() { stop(); }

void BrokerFixture::stop() {
  stop_.signal();
  if (thread_.joinable()) thread_.join();
  server_.reset();  // and its sockets, so that another one may bind their addresses
}

RawSession::RawSession(const broker::Endpoints& endpoints, const std::string& identity)
    : socket_(context_, zmq::socket_type::dealer) {
  socket_.set(zmq::sockopt::linger, 0);
  if (!identity.empty()) socket_.set(zmq::sockopt::routing_id, identity);
  socket_.connect(endpoints.requests);
  send(wire::encode({.verb = wire::Verb::kHello}, "", ""));
  const auto welcome = wire::decode(receive());
  YARD_CHECK(welcome && welcome->header.verb == wire::Verb::kWelcome);
  session_ = welcome->header.session;
}

Bytes RawSession::frame(wire::Verb verb, std::string_view tool, BytesView body, std::uint32_t budget_ms, const Uuid& id,
                        std::uint8_t flags) const {
  return wire::encode(
      {.verb = verb, .flags = flags, .correlation = 7, .id = id, .session = session_, .budget_ms = budget_ms}, tool,
      body);
}

void RawSession::send(BytesView bytes) { YARD_CHECK(zmq_send(socket_.handle(), bytes.data(), bytes.size(), 0) >= 0); }

BytesView RawSession::receive() {
  YARD_CHECK(zmq_msg_recv(message_.handle(), socket_.handle(), 0) >= 0);
  return {static_cast<const char*>(message_.data()), message_.size()};
}

BytesView RawSession::receive_within(Millis wait) {
  zmq_pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
  if (zmq_poll(&item, 1, wait.count()) <= 0) return {};
  return receive();
}

}  // namespace yard::testing
