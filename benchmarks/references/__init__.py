"""What the pipelines are compared with, each as small as possible."""
