// graph: documents of the graph engine. Needs no broker.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "clients/cli/commands.h"
#include "clients/cli/graph_commands.h"
#include "clients/cli/output.h"
#include "engine/graph/document.h"
#include "engine/graph/load.h"
#include "engine/graph/picture.h"
#include "engine/graph/ranks.h"
#include "engine/kinds/standard.h"

namespace yard::cli {
namespace {

using graph::Image;
using nlohmann::json;

constexpr const char* kCheckExamples =
    "  switchyard graph check flow.json\n"
    "  switchyard graph check --json flow.json | jq '.problems[].pointer'\n"
    "\n"
    "Prints every problem as FILE: /pointer: message (code), and exits with 1 if there is one.\n";
constexpr const char* kInspectExamples =
    "  switchyard graph inspect flow.json\n"
    "  switchyard graph inspect flow.json --svg > flow.svg\n"
    "  switchyard graph inspect flow.json --dot | dot -Tpdf > flow.pdf\n"
    "\n"
    "RANK is how deep a node lies; a run is a stretch of nodes that one loop goes over.\n";

constexpr std::size_t kRowsMax = 200;  // of a table

struct Inspection {
  std::string file;
  bool dot = false;
  bool svg = false;
};

json summary(const Image& image) {
  const graph::ImageBytes bytes = image.bytes();
  return {{"nodes", image.get_nodes().size()},
          {"inputs", image.get_input_ports().size()},
          {"outputs", image.get_output_ports().size()},
          {"runs", image.run_count()},
          {"cycles", image.cycles().size()},
          {"bytes", {{"structure", bytes.structure}, {"names", bytes.names}}},
          {"hash", to_hex(image.hash())}};
}

Outcome check(Context& context, const std::string& file) {
  YARD_TRY(std::string document, graph::read_document(file));
  const auto image = graph::load_graph(std::move(document), graph::standard_kinds());
  if (!image) return report_problems(file, image.error(), context.json);
  const json facts = summary(**image);
  if (context.json) return print_line(compact({{"ok", true}, {"graph", facts}})), Outcome();
  print_line(one_line(file) + ": fine, " + facts["nodes"].dump() + " nodes, " + facts["inputs"].dump() + " inputs, " +
             facts["outputs"].dump() + " outputs, hash " + to_hex((*image)->hash()));
  return {};
}

// "in1:int64=add1.out1", with what drives it, or "out:double".
std::string port_text(const Image& image, const graph::PortDesc& port, std::uint32_t number) {
  std::string text = one_line(image.id_of(port)) + ":" + std::string(name_of(port.type));
  if (port.port_class == graph::PortClass::kEvent) text += "*";
  if (port.direction == graph::Direction::kOutput) return text;
  const auto driver = image.driver_of(number);
  if (!driver) return text;
  const graph::PortDesc& from = image.get_output_ports()[*driver];
  return text + "=" + one_line(image.id_of(image.get_nodes()[from.node.value()])) + "." + one_line(image.id_of(from));
}

std::string ports_text(const Image& image, std::span<const graph::PortDesc> ports, std::uint32_t first) {
  std::string text;
  for (const graph::PortDesc& port : ports) text += (text.empty() ? "" : " ") + port_text(image, port, first++);
  return text;
}

void print_nodes(const Image& image) {
  const std::vector<std::uint32_t> ranks = graph::find_ranks(image);
  std::vector<std::vector<std::string>> rows = {{"HANDLE", "ID", "KIND", "ROLE", "RANK", "PLACE", "OUTPUTS", "INPUTS"}};
  for (const graph::NodeDesc& node : image.get_nodes()) {
    if (rows.size() > kRowsMax) break;
    rows.push_back({std::to_string(node.handle.value()), one_line(image.id_of(node)), image.kind_of(node).name,
                    std::string(name_of(node.role)), std::to_string(ranks[node.handle.value()]),
                    std::to_string(image.place_of(node.handle)),
                    ports_text(image, image.outputs_of(node), node.first_output),
                    ports_text(image, image.inputs_of(node), node.first_input)});
  }
  print(table(rows));
  if (image.get_nodes().size() > kRowsMax)
    print_line("and " + std::to_string(image.get_nodes().size() - kRowsMax) + " more; --json has them all");
}

void print_runs(const Image& image) {
  std::vector<std::vector<std::string>> rows = {{"RUN", "FIRST", "COUNT", "KIND"}};
  for (std::uint32_t i = 0; i < std::min<std::size_t>(image.run_count(), kRowsMax); ++i) {
    const graph::KernelRun run = image.run(i);
    rows.push_back({std::to_string(i), std::to_string(run.first), std::to_string(run.count),
                    image.kind_of_overload(run.overload).name});
  }
  print(table(rows));
}

void print_summary(const Image& image) {
  const graph::ImageBytes bytes = image.bytes();
  const double nodes = std::max<double>(1, image.node_count());
  char per_node[64];
  std::snprintf(per_node, sizeof per_node, "%.1f + %.1f", static_cast<double>(bytes.structure) / nodes,
                static_cast<double>(bytes.names) / nodes);
  print(table({{"nodes", std::to_string(image.get_nodes().size())},
               {"that convert", std::to_string(image.node_count() - image.get_nodes().size())},
               {"ports", std::to_string(image.get_input_ports().size() + image.get_output_ports().size())},
               {"runs", std::to_string(image.run_count())},
               {"cycles", std::to_string(image.cycles().size())},
               {"bytes a node", std::string(per_node) + " for names"},
               {"hash", to_hex(image.hash())}}));
}

json nodes_json(const Image& image) {
  const std::vector<std::uint32_t> ranks = graph::find_ranks(image);
  json nodes = json::array();
  for (const graph::NodeDesc& node : image.get_nodes()) {
    json ports = json::array();
    std::uint32_t number = node.first_input;
    const auto add = [&](const graph::PortDesc& port) {
      json row = {{"handle", port.handle.value()},
                  {"id", image.id_of(port)},
                  {"type", name_of(port.type)},
                  {"class", name_of(port.port_class)},
                  {"direction", port.direction == graph::Direction::kInput ? "input" : "output"}};
      if (port.direction == graph::Direction::kInput)
        if (const auto driver = image.driver_of(number++))
          row["driver"] = image.get_output_ports()[*driver].handle.value();
      ports.push_back(std::move(row));
    };
    std::ranges::for_each(image.inputs_of(node), add);
    std::ranges::for_each(image.outputs_of(node), add);
    nodes.push_back({{"handle", node.handle.value()},
                     {"id", image.id_of(node)},
                     {"kind", image.kind_of(node).name},
                     {"role", name_of(node.role)},
                     {"rank", ranks[node.handle.value()]},
                     {"place", image.place_of(node.handle)},
                     {"ports", std::move(ports)}});
  }
  return nodes;
}

Outcome inspect(Context& context, const Inspection& what) {
  YARD_TRY(std::string document, graph::read_document(what.file));
  const auto loaded = graph::load_graph(std::move(document), graph::standard_kinds());
  if (!loaded) return report_problems(what.file, loaded.error(), context.json);
  const Image& image = **loaded;
  if (what.dot || what.svg) {
    if (image.get_nodes().size() > graph::kPictureNodesMax)
      return usage_failure("a picture of more than " + std::to_string(graph::kPictureNodesMax) +
                           " nodes shows nothing");
    print(what.dot ? graph::to_dot(image) : graph::to_svg(image));
    return {};
  }
  if (context.json) {
    json facts = summary(image);
    facts["node_list"] = nodes_json(image);
    print_line(compact(facts));
    return {};
  }
  print_nodes(image);
  print_line("");
  print_runs(image);
  print_line("");
  print_summary(image);
  return {};
}

}  // namespace

void add_graph_commands(CLI::App& app, Context& context) {
  CLI::App* graph = app.add_subcommand("graph", "Graphs: check, look into, run and replay them");
  graph->footer(std::string("\nExamples:\n") + kCheckExamples + kInspectExamples);
  graph->require_subcommand(1);

  const auto file = std::make_shared<std::string>();
  CLI::App* checking = add_graph_command(*graph, context, "check",
                                         "Check a document and print everything that is wrong with it", kCheckExamples);
  checking->add_option("file", *file, "The document")->required();
  checking->callback([&context, file] { context.action = [&context, file] { return check(context, *file); }; });

  const auto what = std::make_shared<Inspection>();
  CLI::App* inspecting =
      add_graph_command(*graph, context, "inspect", "Show a graph's nodes, ports, runs and memory", kInspectExamples);
  inspecting->add_option("file", what->file, "The document")->required();
  CLI::Option* dot = inspecting->add_flag("--dot", what->dot, "Print it for graphviz instead");
  inspecting->add_flag("--svg", what->svg, "Print it as a picture instead")->excludes(dot);
  inspecting->callback([&context, what] { context.action = [&context, what] { return inspect(context, *what); }; });

  add_graph_compile(*graph, context);
  add_graph_run(*graph, context);
  add_graph_profile(*graph, context);
  add_graph_replay(*graph, context);
  add_graph_diff(*graph, context);
  add_graph_why(*graph, context);
}

}  // namespace yard::cli
