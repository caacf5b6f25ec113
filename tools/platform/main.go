// Command platform is a Kubernetes control plane, KWOK, sealed-secrets and Argo CD in one program: the name it is called by
// picks the part. Each part is upstream's own command; what is ours here is Redis in memory.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // the time zones of CronJobs

	"github.com/alicebob/miniredis/v2"
	argocdcontroller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	argocdaskpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	argocdrepo "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/bitnami/sealed-secrets/pkg/controller"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kustomize "sigs.k8s.io/kustomize/kustomize/v5/commands"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwokcommand "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	kwoksignals "sigs.k8s.io/kwok/pkg/utils/signals"
	metricsserver "sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

func main() {
	name := filepath.Base(os.Args[0])
	if part := os.Getenv("ARGOCD_BINARY_NAME"); part != "" && name == "argocd" { // kustomize and git inherit the variable
		name = part
	}
	var command *cobra.Command
	switch name {
	case "etcd":
		etcdmain.Main(os.Args)
		return
	case "kube-apiserver":
		command = apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		command = controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		command = scheduler.NewSchedulerCommand()
	case "kubectl":
		end(cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()))
	case "kustomize":
		end(kustomize.NewDefaultCommand().Execute())
	case "metrics-server":
		end(metricsserver.NewMetricsServerCommand(genericapiserver.SetupSignalHandler()).Execute())
	case "kwok":
		end(kwok())
	case "redis":
		end(redis(os.Args[1]))
	case "sealed-secrets-controller":
		end(unseal())
	case "argocd-application-controller":
		end(argocdcontroller.NewCommand().Execute())
	case "argocd-repo-server":
		end(argocdrepo.NewCommand().Execute())
	case "argocd-git-ask-pass":
		end(argocdaskpass.NewCommand().Execute())
	default:
		fmt.Fprintln(os.Stderr, "platform: call it by the name of a part, not", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(command))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// kwok is its main function; component-base's flag --version, which is no boolean, would be merged into its own.
func kwok() error {
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ExitOnError)
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, _ := kwoklog.InitFlags(kwoksignals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		return err
	}
	command := kwokcommand.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}

// redis serves Argo CD's cache. Its keys expire only when told that time has passed.
func redis(address string) error {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(address); err != nil {
		return err
	}
	for range time.Tick(time.Second) {
		server.FastForward(time.Second)
	}
	return nil
}

// unseal is the sealed-secrets controller with the defaults of its own main function.
func unseal() error {
	pflag.CommandLine.ParseErrorsAllowlist.UnknownFlags = true
	_ = pflag.CommandLine.Parse(os.Args[1:]) // --listen-addr, --listen-metrics-addr
	return controller.Main(&controller.Flags{
		KeyPrefix: "sealed-secrets-key", KeySize: 4096, ValidFor: 10 * 365 * 24 * time.Hour, KeyOrderPriority: "CertNotBefore",
		NamespaceAll: true, RateLimitPerSecond: 2, RateLimitBurst: 2, UpdateStatus: true, LogInfoToStdout: true, LogLevel: "INFO",
		LogFormat: "text", MaxRetries: 5, KubeClientQPS: 50, KubeClientBurst: 100,
	}, "local")
}
